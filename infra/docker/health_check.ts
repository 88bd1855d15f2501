/** @module Exits with 0 where the dashboard of this container answers that it is well, else with 1. */

const TIMEOUT_MS = 4000;

const well = await fetch("http://127.0.0.1:8080/healthz", {
  signal: AbortSignal.timeout(TIMEOUT_MS),
}).then(({ ok }) => ok, () => false);
Deno.exit(well ? 0 : 1);
