import { expect } from "@std/expect";
import { readDispatchConfig } from "../../../jobs/batch/plan_runs.ts";
import { type Context, storeOpener } from "../../../jobs/cli/context.ts";
import { UsageError } from "../../../jobs/cli/usage_error.ts";
import { withFolder } from "../../support/temporary_folder.ts";

const KUBERNETES = `
dispatch: kubernetes
image: registry.example.org/uptake-gpu@sha256:${"0".repeat(64)}
apiServer: https://kubernetes.example.org:6443
tokenFile: secrets/token
caFile: /etc/ca.crt
`;

function contextIn(cwd: string): Context {
  return {
    cwd,
    signal: new AbortController().signal,
    progress: () => {},
    say: () => {},
    logJsonLine: null,
    open: storeOpener(cwd),
    readVariable: () => undefined,
  };
}

Deno.test("readDispatchConfig() takes files from where the user stands, absolute ones as they are", async () => {
  await withFolder(async (cwd) => {
    await Deno.writeTextFile(`${cwd}/gpu.yaml`, KUBERNETES);
    const config = await readDispatchConfig(
      { dispatch: "kubernetes", dispatchConfig: "gpu.yaml" },
      contextIn(cwd),
    );
    expect(config).toMatchObject({
      tokenFile: `${cwd}/secrets/token`,
      caFile: "/etc/ca.crt",
    });
  });
});

Deno.test("readDispatchConfig() refuses a file that is missing, or of another scheduler", async () => {
  await withFolder(async (cwd) => {
    await Deno.writeTextFile(`${cwd}/gpu.yaml`, KUBERNETES);
    const context = contextIn(cwd);
    for (
      const [dispatch, dispatchConfig, message] of [
        ["kubernetes", "cpu.yaml", "There is no file cpu.yaml"],
        [
          "aws-batch",
          "gpu.yaml",
          "gpu.yaml is for --dispatch kubernetes, not aws-batch",
        ],
        ["local", "gpu.yaml", "--dispatch local takes no --dispatch-config"],
        ["kubernetes", undefined, "--dispatch kubernetes needs"],
      ] as const
    ) {
      const reading = readDispatchConfig(
        { dispatch, dispatchConfig },
        context,
      );
      await expect(reading).rejects.toThrow(UsageError);
      await expect(reading).rejects.toThrow(message);
    }
  });
});
