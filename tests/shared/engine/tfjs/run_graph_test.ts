import { expect } from "@std/expect";
import * as tf from "@tensorflow/tfjs";
import { elementCount } from "../../../../shared/network/graph.ts";
import { runGraph } from "../../../../shared/engine/tfjs/run_graph.ts";
import { arrangeWeights } from "../../../../shared/engine/tfjs/weights.ts";
import {
  graphOf,
  randomNumbers,
  randomWeights,
  SMALL_GRAPHS,
} from "../small_graphs.ts";

// Silences an advertisement.
tf.env().set("IS_TEST", true);
await tf.setBackend("cpu");

for (const [name, small] of Object.entries(SMALL_GRAPHS)) {
  Deno.test(`runGraph() has the gradients of ${name}`, () => {
    const graph = graphOf(small);
    const weights = randomWeights(graph);
    const shape = [1, 4, 3, 4, graph.inChannels];
    const input = tf.tensor(randomNumbers(elementCount(shape), 3), shape);
    const names = [...weights.keys()];
    const points = [
      input,
      ...[...weights.values()].map(({ shape, data }) =>
        tf.tensor(data, [...shape])
      ),
    ];
    const directions = points.map((point, i) =>
      tf.tensor(randomNumbers(point.size, 100 + i), point.shape)
    );

    /** A smooth scalar of the logits, as a loss is. */
    function loss(x: tf.Tensor, ...parameters: tf.Tensor[]): tf.Scalar {
      const byName = new Map(names.map((key, i) => [key, parameters[i]!]));
      const logits = runGraph(tf, graph, arrangeWeights(tf, graph, byName), x);
      const factors = tf.tensor(randomNumbers(logits.size, 7), logits.shape);
      return tf.sum(tf.mul(tf.square(logits), factors)).asScalar();
    }
    /** The loss a little further along the directions. */
    function lossAt(step: number): number {
      const [x, ...parameters] = points.map((point, i) =>
        tf.add(point, tf.mul(directions[i]!, step))
      );
      return loss(x!, ...parameters).dataSync()[0]!;
    }

    const before = tf.memory().numTensors;
    const gradients = tf.grads(loss)(points);
    expect(tf.memory().numTensors - before).toBe(points.length);
    const slope = gradients.reduce(
      (sum, gradient, i) =>
        sum + tf.sum(tf.mul(gradient, directions[i]!)).dataSync()[0]!,
      0,
    );
    function centralDifference(step: number): number {
      return (lossAt(step) - lossAt(-step)) / (2 * step);
    }
    // Richardson's extrapolation: the loss is a polynomial of the fourth degree or close to one.
    const [coarse, fine] = [centralDifference(2e-2), centralDifference(1e-2)];
    const measured = (4 * fine - coarse) / 3;
    expect(Math.abs(slope)).toBeGreaterThan(0.01);
    expect(Math.abs(slope - measured)).toBeLessThan(
      0.01 * Math.abs(slope) + 2e-3,
    );
  });
}

Deno.test("runGraph() frees every value but the logits", () => {
  const graph = graphOf(SMALL_GRAPHS["a concatenation"]!);
  const input = tf.zeros([1, 2, 2, 2, 2]);
  const before = tf.memory().numTensors;
  runGraph(tf, graph, new Map(), input);
  expect(tf.memory().numTensors).toBe(before + 1);
});
