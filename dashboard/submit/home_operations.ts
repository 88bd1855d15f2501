/** @module Operations that are refused while their home is not there, as they open it by themselves. */
import type { Operations } from "../../shared/dispatch/operations.ts";
import type { SteadyHome } from "../../shared/runs/home/steady_home.ts";

/** The same, each after a look at the home. What only tells of this program's own settings needs none. */
export function homeOperations(
  operations: Operations,
  check: SteadyHome["check"],
): Operations {
  const after = <Args extends unknown[], T>(
    operation: (...args: Args) => Promise<T>,
  ) =>
  async (...args: Args): Promise<T> => {
    await check();
    return await operation(...args);
  };
  return {
    ...operations,
    plan: after(operations.plan),
    submit: after(operations.submit),
    restart: after(operations.restart),
    registered: after(operations.registered),
    registerCheckpoint: after(operations.registerCheckpoint),
  };
}
