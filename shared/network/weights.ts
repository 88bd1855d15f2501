/**
 * Whether weights fit a graph.
 * @module
 */
import { CaseError } from "../case_error.ts";
import { elementCount, type Graph, type Shape, type Weights } from "./graph.ts";
import { quote } from "./quote.ts";

/**
 * Checks that every parameter of the graph is there with its shape and finite values, and nothing
 * else.
 *
 * @throws {CaseError} kind `model` naming the first parameter that does not fit.
 */
export function checkWeights(graph: Graph, weights: Weights): void {
  const missing: string[] = [];
  for (const [name, shape] of graph.parameters) {
    const weight = weights.get(name);
    if (weight === undefined) missing.push(name);
    else checkParameter(name, shape, weight.shape, weight.data);
  }
  refuseNames(missing, "lacks");
  refuseNames(
    [...weights.keys()].filter((name) => !graph.parameters.has(name)),
    "has, and the network does not know,",
  );
}

function refuseNames(names: readonly string[], verb: string): void {
  if (names.length === 0) return;
  const more = names.length > 1 ? ` and ${names.length - 1} more` : "";
  throw new CaseError(
    "model",
    `the checkpoint ${verb} the parameter ${quote(names[0]!)}${more}`,
  );
}

function checkParameter(
  name: string,
  wanted: Shape,
  shape: Shape,
  data: Float32Array,
): void {
  if (
    shape.length !== wanted.length ||
    shape.some((size, axis) => size !== wanted[axis]) ||
    data.length !== elementCount(wanted)
  ) {
    throw new CaseError(
      "model",
      `the checkpoint's parameter ${quote(name)} has shape [${
        shape.join(", ")
      }] and ${data.length} values, and the network takes [${
        wanted.join(", ")
      }]`,
    );
  }
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i]!)) {
      throw new CaseError(
        "model",
        `the checkpoint's parameter ${quote(name)} has a value of ${
          data[i]
        } (at ${i})`,
      );
    }
  }
}
