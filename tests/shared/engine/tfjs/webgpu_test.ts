import { createTfjsEngine } from "../../../../shared/engine/tfjs/engine.ts";
import { MA3DSEG_NANO } from "../../../support/networks.ts";
import { fixture } from "../../../support/requires.ts";
import { expectGolden, testEngine } from "../engine_contract.ts";

const LABEL = "tfjs/webgpu";
const adapter = await navigator.gpu?.requestAdapter();

if (!adapter) {
  Deno.test({
    name: `${LABEL} [skipped: Deno finds no graphics adapter]`,
    ignore: true,
    fn: () => {},
  });
} else if (adapter.info.isFallbackAdapter) {
  // It renders on the CPU and takes a minute to compile the shaders of all tests.
  Deno.test(`${LABEL} gives PyTorch's logits of a nano ma3dseg`, async () => {
    await expectGolden(
      await createTfjsEngine({ device: "webgpu" }),
      MA3DSEG_NANO,
      fixture("network/ma3dseg_nano.pth"),
      fixture("network/ma3dseg_nano.forward.safetensors"),
    );
  });
} else {
  testEngine(() => createTfjsEngine({ device: "webgpu" }), LABEL);
}
