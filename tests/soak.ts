/**
 * `deno task soak [--minutes n] [--worker-kills n] [--gateway-kills n] [--seed n]`: kills workers and the S3
 * server at random until the asked counts are reached, then writes what happened as JSON. Ends with 1 at the first
 * violation, and tells what led to it.
 * @module
 */
import { parseArgs } from "node:util";
import type { Tally } from "./e2e/harness/kill_loop.ts";
import { soak } from "./e2e/harness/soak.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    minutes: { type: "string" },
    "worker-kills": { type: "string" },
    "gateway-kills": { type: "string" },
    workers: { type: "string", default: "3" },
    cases: { type: "string", default: "60" },
    seed: { type: "string" },
  },
});

const seed = number("seed", values.seed) ?? Date.now() % 0x7fffffff;
const minutes = number("minutes", values.minutes);
const workerKills = number("worker-kills", values["worker-kills"]) ??
  (minutes === undefined ? 1000 : 0);
const gatewayKills = number("gateway-kills", values["gateway-kills"]) ??
  (minutes === undefined ? 100 : 0);
const startedAt = new Date();

function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  console.error(`--${name} takes a whole number, not ${text}`);
  Deno.exit(2);
}

function elapsedMinutes(): number {
  return (Date.now() - startedAt.getTime()) / 60_000;
}

function tell(tally: Tally): void {
  console.log(
    `${
      elapsedMinutes().toFixed(1)
    } min: ${tally.workerKills} workers and ${tally.gatewayKills} gateways killed, ${tally.commits} cases of ${tally.runs} runs committed in ${tally.attempts} attempts, ${tally.failures} cases opened again, 0 violations`,
  );
}

async function report(tally: Tally): Promise<string> {
  const folder = new URL("benchmark/results/", import.meta.url);
  await Deno.mkdir(folder, { recursive: true });
  const name = startedAt.toISOString().replaceAll(":", "");
  const file = new URL(`soak-${name}.json`, folder);
  const figures = {
    startedAt: startedAt.toISOString(),
    minutes: elapsedMinutes(),
    seed,
    violations: 0,
    ...tally,
  };
  await Deno.writeTextFile(file, `${JSON.stringify(figures, null, 1)}\n`);
  return file.pathname;
}

console.log(`Seed ${seed}`);
const tally = await soak({
  seed,
  workers: number("workers", values.workers)!,
  casesPerRun: number("cases", values.cases)!,
  isEnough: (tally) =>
    tally.workerKills >= workerKills && tally.gatewayKills >= gatewayKills &&
    elapsedMinutes() >= (minutes ?? 0),
  onRun: tell,
});
console.log(`Done; written to ${await report(tally)}`);
