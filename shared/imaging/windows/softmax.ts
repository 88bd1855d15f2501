/**
 * Class probabilities from class scores.
 * @module
 */

/**
 * Replaces class scores, [classes][n], by their softmax over the classes. The largest score is subtracted first, so
 * that no exponential overflows.
 */
export function softmaxInPlace(scores: Float32Array, classes: number): void {
  const n = scores.length / classes;
  for (let v = 0; v < n; v++) {
    let max = -Infinity;
    for (let at = v; at < scores.length; at += n) {
      max = Math.max(max, scores[at]!);
    }
    let sum = 0;
    for (let at = v; at < scores.length; at += n) {
      const value = Math.exp(scores[at]! - max);
      scores[at] = value;
      sum += value;
    }
    for (let at = v; at < scores.length; at += n) scores[at]! /= sum;
  }
}
