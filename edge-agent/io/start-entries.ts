import type { AuditIntent } from "../contract/door.ts";
import type { ModelFile } from "./model-file.ts";

/** What an agent writes in the log before it does anything: which program, which configuration, which models. */
export function startEntries(
  cfgSha256: string,
  models: readonly (Pick<ModelFile, "card"> & { readonly name: string })[],
  /** Of the signed release; null: none is asked for. */
  release: number | null,
): AuditIntent[] {
  const entry = (action: AuditIntent["action"], detail: AuditIntent["detail"]): AuditIntent => ({
    action,
    actor: { kind: "system", part: "agent" },
    outcome: 0,
    detail,
    phi: null,
  });
  return [
    entry("process.start", { node: process.version, release }),
    entry("config.apply", { sha256: cfgSha256 }),
    ...models.map(({ name, card }) => entry("model.load", { model: name, sha256: card.sha256 })),
  ];
}
