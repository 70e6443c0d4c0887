declare module "oidc-provider" {
  import type { IncomingMessage, ServerResponse } from "node:http";

  /** As far as the tests use it. */
  export default class Provider {
    constructor(issuer: string, configuration: object);
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
    on(event: string, listener: (ctx: unknown, cause: unknown) => void): void;
  }
}
