/** @module What a request carries on its way through the dashboard. */
import type { SecureHeadersVariables } from "hono/secure-headers";
import type { Identity } from "./auth/identity.ts";

export interface Env {
  readonly Bindings: {
    /** Who holds the other end of the connection; a proxy, where there is one. */
    readonly peer?: string;
  };
  readonly Variables: SecureHeadersVariables & {
    requestId: string;
    /** Null on routes that anyone may use, of whom nothing is known. */
    identity: Identity | null;
    /** What the handler tells the audit log besides the route's parameters: what it made. */
    audited: Readonly<Record<string, string>>;
  };
}
