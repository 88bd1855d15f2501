import { expect } from "@std/expect";
import {
  type DispatchConfig,
  parseDispatchConfig,
} from "../../../shared/dispatch/dispatch_config.ts";
import { DISPATCH_EXAMPLES } from "../../../shared/dispatch/dispatch_examples.ts";
import {
  DISPATCHER_NAMES,
  type DispatcherName,
} from "../../../shared/dispatch/dispatcher.ts";
import { createDispatcher } from "../../../shared/dispatch/open_dispatcher.ts";

const configs: Readonly<Record<DispatcherName, DispatchConfig | undefined>> = {
  local: undefined,
  kubernetes: parseDispatchConfig(DISPATCH_EXAMPLES.kubernetes),
  "aws-batch": parseDispatchConfig(DISPATCH_EXAMPLES["aws-batch"]),
};
const deps = {
  local: { command: ["uptake"], output: { onLine: () => {} } },
  read: () => undefined,
};

Deno.test("createDispatcher() opens each dispatcher with its own configuration, and no other", async () => {
  for (const name of DISPATCHER_NAMES) {
    for (const other of DISPATCHER_NAMES) {
      const opening = createDispatcher(name, configs[other], deps);
      if (name === other) expect((await opening).name).toBe(name);
      else await expect(opening).rejects.toThrow(RangeError);
    }
  }
});

Deno.test("createDispatcher() says what is missing, and what does not fit", async () => {
  await expect(createDispatcher("kubernetes", undefined, deps)).rejects.toThrow(
    "Cannot dispatch to kubernetes without a dispatch configuration",
  );
  await expect(createDispatcher("local", configs.kubernetes, deps)).rejects
    .toThrow(
      "Cannot dispatch to local: the dispatch configuration is for kubernetes",
    );
});
