import { expect } from "@std/expect";
import {
  bestOf,
  bestOfFold,
  predecessorOf,
} from "../../../../jobs/evaluation/reevaluate/rivals.ts";
import { isNewest } from "../../../../jobs/evaluation/reevaluate/registered.ts";
import { checkpointOf, contestant, datasetOf } from "./evaluations.ts";

const names = (found: ReturnType<typeof bestOf>) => found?.checkpoint.name;

const v1 = contestant(checkpointOf("v1", 1), 0.8);
const v2 = contestant(checkpointOf("v2", 2), 0.9);
const v3 = contestant(checkpointOf("v3", 3), 0.7);
const line = [v3, v1, v2];

Deno.test("predecessorOf() is the newest before it of the same family and fold", () => {
  expect(names(predecessorOf(v3, line))).toBe("v2");
  expect(names(predecessorOf(v2, line))).toBe("v1");
  expect(predecessorOf(v1, line)).toBeNull();
  const others = [
    contestant(checkpointOf("other", 2, { family: "melanoma" }), 0.9),
    contestant(checkpointOf("fold", 2, { fold: 1 }), 0.9),
    contestant(checkpointOf("same weights", 2), 0.9, { hash: v3.hash }),
    contestant(checkpointOf("other data", 2), 0.9, {
      dataset: datasetOf({ a: {} }, { digest: "e".repeat(64) }),
    }),
    contestant(checkpointOf("other cases", 2), 0.9, { which: { fold: 0 } }),
  ];
  expect(names(predecessorOf(v3, [v1, ...others, v3]))).toBe("v1");
});

Deno.test("bestOf() is the other one of the family with the highest mean Dice, whenever it was registered", () => {
  expect(names(bestOf(v3, line))).toBe("v2");
  expect(names(bestOf(v1, line))).toBe("v2");
  expect(names(bestOf(v2, line))).toBe("v1");
  expect(bestOf(v1, [v1])).toBeNull();
  const fold = contestant(checkpointOf("fold", 1, { fold: 1 }), 0.95);
  expect(names(bestOf(v2, [...line, fold]))).toBe("fold");
});

Deno.test("bestOfFold() is the best of its own fold, where another fold has the family's best", () => {
  const other = contestant(checkpointOf("other fold", 1, { fold: 1 }), 0.95);
  const all = [...line, other];
  expect(names(bestOf(v3, all))).toBe("other fold");
  expect(names(bestOfFold(v3, all))).toBe("v2");
  // What the other fold has more results of ranks nothing here.
  const more = contestant(checkpointOf("other fold", 1, { fold: 1 }), 0.95, {
    n: 11,
  });
  expect(names(bestOfFold(v3, [...line, more]))).toBe("v2");
  expect(bestOfFold(v3, line)).toBeNull();
  expect(bestOfFold(other, all)).toBeNull();
  expect(bestOfFold(v3, [v3, other])).toBeNull();
});

Deno.test("bestOf() ranks only those with the most results, and takes the first of equals", () => {
  const few = contestant(checkpointOf("few", 1), 1, { n: 9 });
  expect(names(bestOf(v3, [...line, few]))).toBe("v2");
  expect(names(bestOf(v3, [few, v3]))).toBe("few");
  const nothing = contestant(checkpointOf("nothing", 1), null, { n: 0 });
  expect(bestOf(v3, [nothing, v3])).toBeNull();
  const equal = contestant(checkpointOf("equal", 1), 0.9);
  expect(names(bestOf(v3, [v2, equal, v3]))).toBe("equal");
});

Deno.test("isNewest() looks at the family and fold alone", () => {
  const [a, b] = [checkpointOf("a", 1), checkpointOf("b", 2)];
  const others = [
    checkpointOf("fold", 3, { fold: 0 }),
    checkpointOf("family", 3, { family: "melanoma" }),
  ];
  const all = [b, a, ...others];
  expect(all.map((one) => isNewest(one, all)))
    .toEqual([true, false, true, true]);
});
