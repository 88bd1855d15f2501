import { createTfjsEngine } from "../../../../shared/engine/tfjs/engine.ts";
import { testEngine } from "../engine_contract.ts";

testEngine(() => createTfjsEngine({ device: "wasm" }), "tfjs/wasm");
