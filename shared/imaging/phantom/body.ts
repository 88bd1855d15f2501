/**
 * The outline of a phantom's body: head, neck, trunk, legs and arms.
 * @module
 */
import type { Vec3 } from "../volume.ts";
import type { Random } from "./random.ts";
import { ellipsoid, type Section, type Shape, trunk, tube } from "./shapes.ts";

const TRUNK: readonly Section[] = [
  { z: -165, halfWidth: 54, halfDepth: 58, y: -8 },
  { z: -215, halfWidth: 57, halfDepth: 56, y: -10 },
  { z: -240, halfWidth: 70, halfDepth: 60, y: -12 },
  { z: -262, halfWidth: 120, halfDepth: 72, y: -10 },
  { z: -285, halfWidth: 162, halfDepth: 84, y: -8 },
  { z: -320, halfWidth: 178, halfDepth: 94, y: -4 },
  { z: -380, halfWidth: 176, halfDepth: 106, y: 0 },
  { z: -450, halfWidth: 165, halfDepth: 113, y: 2 },
  { z: -530, halfWidth: 157, halfDepth: 114, y: 2 },
  { z: -620, halfWidth: 148, halfDepth: 109, y: 2 },
  { z: -680, halfWidth: 147, halfDepth: 106, y: 0 },
  { z: -750, halfWidth: 163, halfDepth: 108, y: -2 },
  { z: -820, halfWidth: 177, halfDepth: 110, y: -4 },
  { z: -880, halfWidth: 176, halfDepth: 104, y: -4 },
  { z: -925, halfWidth: 168, halfDepth: 92, y: -4 },
];

/** @returns the parts, whose union is the body. */
export function makeBody(random: Random, armsRaised: boolean): Shape[] {
  return [
    ellipsoid([0, 8, -98], [74, 96, 99]),
    ellipsoid([0, 28, -160], [56, 62, 62]),
    trunk(TRUNK),
    ...bothSides(leg(random)),
    ...bothSides(armsRaised ? raisedArm(random) : loweredArm(random)),
  ];
}

/** One limb: joints with the radius there, from the trunk outwards, on the right. */
type Limb = readonly { readonly at: Vec3; readonly radius: number }[];

function leg(random: Random): Limb {
  const apart = random.uniform(-6, 14);
  return [
    { at: [84, -4, -890], radius: 86 },
    { at: [84 + apart, 0, -1280], radius: 54 },
    { at: [84 + apart, -12, -1400], radius: 54 },
    { at: [80 + apart, -8, -1680], radius: 34 },
    { at: [86 + apart, 90, -1725], radius: 24 },
  ];
}

function raisedArm(random: Random): Limb {
  const elbow = random.uniform(205, 250);
  const hand = random.uniform(40, 170);
  return [
    { at: [150, -8, -295], radius: 56 },
    { at: [185, 0, -210], radius: 48 },
    { at: [elbow, 12, -random.uniform(0, 60)], radius: 40 },
    { at: [hand, 4, 170], radius: 32 },
  ];
}

function loweredArm(random: Random): Limb {
  const elbow = random.uniform(215, 240);
  return [
    { at: [165, -8, -300], radius: 54 },
    { at: [elbow, -22, -610], radius: 39 },
    { at: [elbow - random.uniform(0, 60), 20, -850], radius: 29 },
    { at: [elbow - random.uniform(10, 60), 40, -950], radius: 30 },
  ];
}

function bothSides(limb: Limb): Shape[] {
  return ([1, -1] as const).flatMap((side) =>
    limb.slice(1).map((joint, n) => {
      const [[ax, ay, az], [bx, by, bz]] = [limb[n]!.at, joint.at];
      return tube(
        [side * ax, ay, az],
        limb[n]!.radius,
        [side * bx, by, bz],
        joint.radius,
      );
    })
  );
}
