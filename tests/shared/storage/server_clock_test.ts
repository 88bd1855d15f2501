import { expect } from "@std/expect";
import { serverClock } from "../../../shared/storage/server_clock.ts";

const NOON = "Mon, 06 Jul 2026 12:00:00 GMT";
const NOON_MS = Date.UTC(2026, 6, 6, 12);

/** A clock whose elapsed time the test sets, and how far after noon it stands in milliseconds. */
function testClock() {
  const elapsed = { ms: 0 };
  const clock = serverClock(() => elapsed.ms);
  const afterNoonMs = () => (clock.now()?.getTime() ?? NaN) - NOON_MS;
  const hearSecond = (second: number) =>
    clock.hear(new Date(NOON_MS + second * 1000).toUTCString());
  return { clock, elapsed, afterNoonMs, hearSecond };
}

Deno.test("serverClock() knows nothing before the first date", () => {
  const { clock } = testClock();
  expect(clock.now()).toBe(null);
  clock.hear(undefined);
  clock.hear("nonsense");
  expect(clock.now()).toBe(null);
  clock.hear(NOON);
  expect(clock.now()).toEqual(new Date(NOON_MS));
});

Deno.test("serverClock() carries the last date on by elapsed time", () => {
  const { clock, elapsed, afterNoonMs } = testClock();
  elapsed.ms = 50_000;
  clock.hear(NOON);
  elapsed.ms = 57_250;
  expect(afterNoonMs()).toBe(7250);
  clock.hear("nonsense");
  expect(afterNoonMs()).toBe(7250);
});

Deno.test("serverClock() is not set back within the second that a header cuts off", () => {
  const { clock, elapsed, afterNoonMs, hearSecond } = testClock();
  clock.hear(NOON);
  elapsed.ms = 900;
  clock.hear(NOON);
  expect(afterNoonMs()).toBe(900);
  elapsed.ms = 1900;
  hearSecond(1);
  expect(afterNoonMs()).toBe(1900);
});

Deno.test("serverClock() comes closer to the server's clock with every answer", () => {
  const { clock, elapsed, afterNoonMs, hearSecond } = testClock();
  // It is 800 ms past noon when the first answer says noon.
  clock.hear(NOON);
  elapsed.ms = 250;
  hearSecond(1);
  expect(afterNoonMs()).toBe(1000);
});

Deno.test("serverClock() follows a server whose clock is set", () => {
  const { clock, elapsed, afterNoonMs, hearSecond } = testClock();
  clock.hear(NOON);
  elapsed.ms = 100;
  hearSecond(3600);
  expect(afterNoonMs()).toBe(3_600_000);
  hearSecond(-60);
  expect(afterNoonMs()).toBe(-60_000);
});
