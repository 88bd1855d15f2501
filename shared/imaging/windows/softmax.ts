/**
 * Class probabilities from class scores.
 * @module
 */

/**
 * Replaces class scores, [classes][n], by their softmax over the classes. The largest score is subtracted first, so
 * that no exponential overflows.
 */
export function softmaxInPlace(scores: Float32Array, classes: number): void {
  if (classes === 2) return softmaxOfTwo(scores);
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

/** The same bits for tumour and background, in half the time: the exponential of the larger score is 1. */
function softmaxOfTwo(scores: Float32Array): void {
  const n = scores.length / 2;
  for (let v = 0; v < n; v++) {
    const first = scores[v]!;
    const second = scores[n + v]!;
    const isFirst = first >= second;
    const exponential = Math.exp(isFirst ? second - first : first - second);
    const sum = 1 + exponential;
    const larger = 1 / sum;
    const smaller = Math.fround(exponential) / sum;
    scores[v] = isFirst ? larger : smaller;
    scores[n + v] = isFirst ? smaller : larger;
  }
}
