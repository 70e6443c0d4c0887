import { join } from "node:path";
import type { Places } from "../install/plan.ts";
import type { Services } from "./services.ts";

/** Where an update works, and with what. */
export interface UpdatePlace {
  /** "": this machine; otherwise a folder that stands for it. */
  readonly root: string;
  /** As the services see them. */
  readonly inRoot: Places;
  /** As this process finds them. */
  readonly prefix: string;
  readonly config: string;
  readonly data: string;
  readonly backup: string;
  readonly services: Services;
  /** A line for the engineer. */
  readonly say: (line: string) => void;
}

export function placeIn(root: string, inRoot: Places, services: Services, say: UpdatePlace["say"]): UpdatePlace {
  const of = (path: string): string => (root === "" ? path : join(root, path));
  return {
    ...{ root, inRoot, services, say },
    prefix: of(inRoot.prefix),
    config: of(inRoot.config),
    data: of(inRoot.data),
    backup: of(inRoot.backup),
  };
}

/** The service of the ward; its timer and the brokers of a site's own are left as they are. */
export const wardService = "quietround.service";
