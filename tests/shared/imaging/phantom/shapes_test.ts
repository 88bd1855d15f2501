import { expect } from "@std/expect";
import {
  type Canvas,
  mark,
  paint,
} from "../../../../shared/imaging/phantom/paint.ts";
import {
  ellipsoid,
  inset,
  type Shape,
  spheroid,
  trunk,
  tube,
} from "../../../../shared/imaging/phantom/shapes.ts";

const SHAPES: Record<string, {
  shape: Shape;
  depths: { at: readonly [number, number, number]; depthMm: number }[];
}> = {
  ellipsoid: {
    shape: ellipsoid([1, 2, 3], [10, 20, 30]),
    depths: [
      { at: [1, 2, 3], depthMm: 10 },
      { at: [11, 2, 3], depthMm: 0 },
      { at: [1, 22, 3], depthMm: 0 },
      { at: [1, 2, -27], depthMm: 0 },
      { at: [1, 2, 38], depthMm: -5 },
    ],
  },
  spheroid: {
    shape: spheroid([0, 0, 0], [3, 0, 4], 10, 5),
    depths: [
      { at: [6, 0, 8], depthMm: 0 },
      { at: [-6, 0, -8], depthMm: 0 },
      { at: [0, 5, 0], depthMm: 0 },
      { at: [-4, 0, 3], depthMm: 0 },
      { at: [0, 0, 0], depthMm: 5 },
    ],
  },
  tube: {
    shape: tube([0, 0, 0], 4, [0, 0, 10], 2),
    depths: [
      { at: [0, 0, 5], depthMm: 3 },
      { at: [4, 0, 0], depthMm: 0 },
      { at: [0, 2, 10], depthMm: 0 },
      { at: [0, 0, -4], depthMm: 0 },
      { at: [0, 0, 13], depthMm: -1 },
    ],
  },
  trunk: {
    shape: trunk([
      { z: 0, halfWidth: 10, halfDepth: 8, y: 0 },
      { z: -20, halfWidth: 20, halfDepth: 8, y: 4 },
    ]),
    depths: [
      { at: [15, 2, -10], depthMm: 0 },
      { at: [0, 10, -10], depthMm: 0 },
      { at: [0, 2, -10], depthMm: 8 },
      { at: [0, 0, 3], depthMm: -3 },
      { at: [0, 4, -22], depthMm: -2 },
    ],
  },
  inset: {
    shape: inset(ellipsoid([0, 0, 0], [9, 9, 9]), 2),
    depths: [{ at: [7, 0, 0], depthMm: 0 }, { at: [9, 0, 0], depthMm: -2 }],
  },
};

for (const [name, { shape, depths }] of Object.entries(SHAPES)) {
  Deno.test(`${name}() knows how deep points lie`, () => {
    for (const { at, depthMm } of depths) {
      expect(shape.depthMm(...at)).toBeCloseTo(depthMm, 9);
    }
  });
  Deno.test(`${name}() lies within its box`, () => {
    for (let x = -40; x <= 40; x += 3) {
      for (let y = -40; y <= 40; y += 3) {
        for (let z = -40; z <= 40; z += 3) {
          if (shape.depthMm(x, y, z) < 0) continue;
          [x, y, z].forEach((value, axis) => {
            expect(value).toBeGreaterThanOrEqual(shape.from[axis]!);
            expect(value).toBeLessThanOrEqual(shape.to[axis]!);
          });
        }
      }
    }
  });
}

function canvasOf(size: number): Canvas {
  const axis = Float64Array.from({ length: size }, (_, n) => n);
  return {
    affine: [],
    scale: [1, 1, 1],
    fit: 1,
    armsRaised: false,
    coordinates: [axis, axis, axis],
    shape: [size, size, size],
    data: new Float32Array(size ** 3),
  };
}

Deno.test("paint() gives voxels on the surface their share, mark() those whose centre is inside", () => {
  const canvas = canvasOf(9);
  const ball = ellipsoid([4, 4, 4], [2.25, 2.25, 2.25]);
  paint(canvas, ball, 8);
  const label = new Uint8Array(canvas.data.length);
  mark(label, canvas, ball);
  const middle = (4 * 9 + 4) * 9;
  // The surface lies at 6.25: a quarter of a voxel beyond the centre of voxel 6.
  expect([...canvas.data.subarray(middle, middle + 9)]).toEqual(
    [0, 0, 6, 8, 8, 8, 6, 0, 0],
  );
  expect([...label.subarray(middle, middle + 9)]).toEqual(
    [0, 0, 1, 1, 1, 1, 1, 0, 0],
  );
});

Deno.test("paint() lets later shapes lie over earlier ones", () => {
  const canvas = canvasOf(9);
  paint(canvas, ellipsoid([4, 4, 4], [4, 4, 4]), 8);
  paint(canvas, ellipsoid([4, 4, 4], [2, 2, 2]), 1);
  expect(canvas.data[(4 * 9 + 4) * 9 + 4]).toBe(1);
  expect(canvas.data[(4 * 9 + 4) * 9 + 1]).toBe(8);
});
