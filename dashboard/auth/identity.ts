/** @module Who a request comes from. */
import type { Role } from "./roles.ts";

export interface Identity {
  /** As the audit log and reviews name them. */
  readonly actor: string;
  readonly role: Role;
  /** How they proved it. */
  readonly by: "link" | "token" | "oidc";
}

/** Tells people and programs apart: names of tokens and accounts may be alike. */
export function identityKey(identity: Identity | null): string {
  return identity === null ? "" : `${identity.by} ${identity.actor}`;
}

/**
 * Nothing was shown, it is nobody's, it was somebody's once, it is somebody's who may do nothing here, or the identity
 * provider does not say whether it still stands.
 */
export type Refusal = "none" | "invalid" | "expired" | "noRole" | "provider";

export type Identification =
  | { readonly identity: Identity }
  | { readonly refusal: Refusal; readonly cause?: unknown };
