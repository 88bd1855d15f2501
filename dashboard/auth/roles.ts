/** @module What a person or program may do: each role may do all that the ones before it may. */
import { z } from "zod";

/** A viewer reads; a reviewer also gives verdicts; an operator also starts and stops runs. */
export const ROLES = ["viewer", "reviewer", "operator"] as const;

export const roleSchema = z.enum(ROLES);
export type Role = z.infer<typeof roleSchema>;

/** Whether `role` is enough where `needed` is asked for. */
export function suffices(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
