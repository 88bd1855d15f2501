import { expect } from "@std/expect";
import {
  checkSettings,
  openTelemetry,
} from "../../../jobs/telemetry/telemetry.ts";

Deno.test("openTelemetry() reads nothing and is null where nothing is exported", async () => {
  const telemetry = await openTelemetry(() => {
    throw new Error("a variable was read");
  });
  expect(telemetry).toBeNull();
});

const BOTH = ["OTEL_TRACES_SAMPLER", "OTEL_DENO_CONSOLE"] as const;
const check = (sampler?: string, console?: string) => () =>
  checkSettings(
    BOTH,
    (name) => name === "OTEL_DENO_CONSOLE" ? console : sampler,
  );

Deno.test("checkSettings() says every setting that would let more out, and its cure", () => {
  expect(check()).toThrow(
    /while OTEL_TRACES_SAMPLER is not set: .+ URLs .+ Set OTEL_TRACES_SAMPLER=parentbased_always_off\nCannot export telemetry while OTEL_DENO_CONSOLE is not set: .+ Set OTEL_DENO_CONSOLE=ignore$/,
  );
  expect(check("parentbased_always_off", "capture")).toThrow(
    /^Cannot export telemetry while OTEL_DENO_CONSOLE is "capture"/,
  );
});

for (
  const sampler of [
    ...["", "always_on", "parentbased_always_on", "traceidratio"],
    ...["parentbased_traceidratio", "PARENTBASED_ALWAYS_OFF", "toString"],
  ]
) {
  Deno.test(`checkSettings() refuses the sampler "${sampler}", with which Deno's own spans get out`, () => {
    expect(check(sampler, "ignore")).toThrow(
      `OTEL_TRACES_SAMPLER is "${sampler}"`,
    );
  });
}

for (const sampler of ["parentbased_always_off", "always_off"]) {
  Deno.test(`checkSettings() takes the sampler ${sampler}, which drops Deno's own spans`, () => {
    expect(check(sampler, "ignore")).not.toThrow();
  });
}
