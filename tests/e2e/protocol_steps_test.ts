/** @module A worker dies at every step of the protocol, to the request; another one finishes its run. */
import { expect } from "@std/expect";
import { S3FaultProxy, type S3Request } from "../support/s3_fault_proxy.ts";
import { testWithS3 } from "../support/s3_server.ts";
import { startChecker } from "./harness/checker.ts";
import { History } from "./harness/history.ts";
import { newScene, serverEnv, withPlace } from "./harness/scene.ts";
import { workHere } from "./harness/worker_here.ts";
import { startWorker } from "./harness/worker_process.ts";

/** Requests whose first one is the last thing that a worker does. */
const STEPS: readonly (readonly [step: string, method: string, key: RegExp])[] =
  [
    ["reading the plan", "GET", /run\.json$/],
    ["reading the checkpoint", "GET", /safetensors$/],
    ["its first sign of life", "PUT", /workers\/w0/],
    ["claiming", "PUT", /claims\/case 1\/1\.json$/],
    ["downloading", "GET", /scans\/case 1\.nii\.gz$/],
    ["writing the mask", "PUT", /attempts\/case 1\/.*mask\.nii\.gz$/],
    ["writing the projection", "PUT", /attempts\/case 1\/.*mip\.png$/],
    ["committing the canary", "PUT", /results\/case 0\.json$/],
    ["committing", "PUT", /results\/case 1\.json$/],
    ["publishing", "PUT", /masks\/case 1\.nii\.gz$/],
    ["publishing the last mask", "PUT", /masks\/case 2\.nii\.gz$/],
    ["writing the summary", "PUT", /summary\.json$/],
  ];

for (const [step, method, key] of STEPS) {
  for (const when of ["before", "after"] as const) {
    testWithS3(
      `a run survives a worker that dies ${when} ${step}`,
      async (server) => {
        await using proxy = new S3FaultProxy(server.endpoint);
        await withPlace(server, { count: 3 }, async (place) => {
          const scene = await newScene(place, {
            coordination: { kind: "claims", termSeconds: 1 },
          });
          const history = new History(0);
          const checker = startChecker(scene, {
            history,
            isExpected: () => false,
          });
          try {
            const victim = startWorker(scene, {
              history,
              name: "the victim",
              env: serverEnv(server, proxy.endpoint),
            });
            const kill = async () => {
              victim.send("SIGKILL");
              await victim.ended;
            };
            const isTheStep = (request: S3Request) =>
              request.method === method && key.test(request.key);
            let isDead = false;
            proxy.onRequest = async (request) => {
              if (isDead || !isTheStep(request)) return { kind: "pass" };
              isDead = true;
              history.add(`${request.method} ${request.key}`);
              if (when === "after") return { kind: "loseAnswer", after: kill };
              await kill();
              return { kind: "refuse" };
            };
            expect((await victim.ended).signal).toBe("SIGKILL");
            const { code, err } = await workHere(scene, { history });
            expect(err).toBe("");
            expect(code).toBe(0);
            const { results } = await checker.finish();
            expect(results).toBe(3);
          } finally {
            await checker.stop();
          }
        });
      },
    );
  }
}
