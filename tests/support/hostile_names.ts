/** @module A home whose datasets, checkpoints and cases have names as nobody should give them. */
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import {
  compared,
  measured,
  putFinishedRun,
  putResult,
  putRun,
} from "../shared/catalog/homes.ts";
import { caseOf } from "./runs.ts";

export const NAMES: Readonly<Record<string, string>> = {
  script: "<script>alert(1)</script>",
  attribute: `"><img src=x onerror='alert(1)'>`,
  path: "../../etc/passwd",
  template: "${1+1} {{7*7}} `x` &amp; &lt;b&gt;",
  long: "long ".repeat(60),
  unbroken: "W".repeat(300),
  turned: "scan \u202egpj.exe \u2066isolated",
  emoji: "👩‍⚕️🧠 naïve ÅΩ 患者",
  blank: " \u200b\u00a0",
  lines: "one\r\ntwo\u2028three\u0007",
  surrogate: "half \ud800 pair",
  sql: "'; DROP TABLE runs; -- %_\\",
  prototype: "__proto__",
};

export const runIdOf = (n: number, kind: string) =>
  `20260101T0000${String(n).padStart(2, "0")}Z-${kind}`;

export async function fillHostileHome(home: ObjectStore): Promise<void> {
  for (const [n, name] of Object.values(NAMES).entries()) {
    const change = {
      dataset: { name, location: `s3://scans/${name}` },
      checkpoints: [{
        name,
        location: `file:///${name}`,
        sha256: n.toString(16).padStart(64, "0"),
      }],
    };
    await putFinishedRun(home, runIdOf(n, "aaaaaa"), [0.5, 0.6], change);
    await putFinishedRun(home, runIdOf(n, "bbbbbb"), [0.7, 0.6], change);
  }
  const ids = Object.values(NAMES).filter((name) => name.length <= 200);
  for (const [n, kind] of ["cccccc", "dddddd"].entries()) {
    await putRun(home, runIdOf(50, kind), {
      cases: ids.map((id) => caseOf(id)),
    });
    for (const id of ids.filter((id) => id.isWellFormed())) {
      await putResult(home, runIdOf(50, kind), id, compared(0.5 + n / 10));
    }
  }
  await putRun(home, runIdOf(51, "eeeeee"), {
    cases: ids.map((id) => caseOf(id)),
  });
  for (const [n, id] of ids.filter((id) => id.isWellFormed()).entries()) {
    await putResult(
      home,
      runIdOf(51, "eeeeee"),
      id,
      measured(n === 0 ? 500 : n, n),
    );
  }
}
