/**
 * To be loaded before a program: its wall clock goes wrong by as many milliseconds as TEST_CLOCK_SHIFT_MS tells.
 * @module
 */
const shiftMs = Number(Deno.env.get("TEST_CLOCK_SHIFT_MS"));
const RealDate = Date;

globalThis.Date = new Proxy(RealDate, {
  construct(target, args, newTarget) {
    const given = args.length === 0 ? [target.now() + shiftMs] : args;
    return Reflect.construct(target, given, newTarget);
  },
  apply: () => new Date().toString(),
  get(target, name, receiver) {
    if (name === "now") return () => RealDate.now() + shiftMs;
    return Reflect.get(target, name, receiver);
  },
});
