/**
 * What every engine checks before it runs a batch.
 * @module
 */
import { elementCount, type Shape } from "../network/graph.ts";

/** @throws {TypeError} when the network is disposed or the input has another number of values. */
export function checkRun(
  input: Float32Array,
  inputShape: Shape,
  disposed: boolean,
): void {
  if (disposed) throw new TypeError("Cannot run a network once disposed");
  const wanted = elementCount(inputShape);
  if (input.length !== wanted) {
    throw new TypeError(
      `Cannot run a network compiled for [${
        inputShape.join(", ")
      }] on ${input.length} values: it takes ${wanted}`,
    );
  }
}
