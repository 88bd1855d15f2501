/** @module The planes and the 3D view, drawn by NiiVue. */
import {
  cmapper,
  DRAG_MODE,
  MULTIPLANAR_TYPE,
  Niivue,
  NVImage,
  SHOW_RENDER,
  SLICE_TYPE,
} from "@niivue/niivue";
import { invert, transform } from "../../../shared/imaging/affine.ts";
import type { Affine } from "../../../shared/imaging/volume.ts";
import type { ViewerFile } from "../../views/viewer_case.ts";
import { placeHeader } from "./place_header.ts";
import { axesOf } from "./projection.ts";
import { COLOURS, type ColourValue, type Mode } from "./segmentation.ts";
import type { GreyWindow } from "./windows.ts";
import { keptInView, NO_ZOOM, type Zoom, zoomedAround } from "./zoom.ts";

export type View = "planes" | "axial" | "coronal" | "sagittal" | "render";

const SLICE_TYPES: Readonly<Record<View, SLICE_TYPE>> = {
  planes: SLICE_TYPE.MULTIPLANAR,
  axial: SLICE_TYPE.AXIAL,
  coronal: SLICE_TYPE.CORONAL,
  sagittal: SLICE_TYPE.SAGITTAL,
  render: SLICE_TYPE.RENDER,
};

/** A volume as NiiVue read it: values as stored, the first axis the fastest. */
export interface ReadVolume {
  readonly image: NVImage;
  readonly shape: [number, number, number];
  readonly affine: number[][];
  readonly count: number;
  valueAt(index: number): number;
}

/**
 * @param bytes of a whole file, unpacked; they change hands
 * @throws {Error} in words for people
 */
export async function readVolume(
  bytes: ArrayBuffer,
  name: string,
  file: ViewerFile,
  window?: GreyWindow,
): Promise<ReadVolume> {
  placeHeader(bytes, file);
  const image = await NVImage.loadFromUrl({
    url: `${name}.nii`,
    name: `${name}.nii`,
    buffer: bytes,
    colormap: INVERTED,
    ...(window === undefined ? {} : { cal_min: window.lo, cal_max: window.hi }),
  });
  const { hdr, img } = image;
  if (hdr === null || img === undefined) {
    throw new Error(`The ${name} cannot be read`);
  }
  const [, ni = 1, nj = 1, nk = 1] = hdr.dims;
  const { scl_slope: slope, scl_inter: intercept } = hdr;
  return {
    image,
    shape: [ni, nj, nk],
    affine: hdr.affine,
    count: ni * nj * nk,
    valueAt: (index) => img[index]! * slope + intercept,
  };
}

/** Right to left, back to front, feet to head: those of RAS+ millimetres. */
export type WorldAxis = 0 | 1 | 2;

type Triple = readonly [number, number, number];

/** Always the centre of a voxel: between two, no plane shows either as it is. */
export interface Location {
  readonly mm: Triple;
  readonly voxel: Triple;
}

export interface Planes {
  show(volume: ReadVolume, window: GreyWindow): void;
  setWindow(window: GreyWindow): void;
  setInverted(isInverted: boolean): void;
  setView(view: View): void;
  /** Shows colours on the grid of `like`. */
  setColours(like: ReadVolume, colours: Uint8Array, mode: Mode): void;
  /** Goes to the nearest voxel. */
  moveTo(mm: Triple): void;
  moveToVoxel(voxel: Triple): void;
  /** Goes so many voxels along the axis of the voxels that runs most nearly along one of the world. */
  moveBy(axis: WorldAxis, voxels: number): void;
  /** Enlarges around the crosshair, in all planes alike; null: as at the start. */
  zoomBy(factor: number | null): void;
  /** Which axis the plane at a place on the canvas, in CSS pixels, is looked at along; null: there is no plane. */
  axisAt(at: { readonly x: number; readonly y: number }): WorldAxis | null;
}

/** Greys that are dark where values are high. What is low is clear in the 3D view, as in NiiVue's own greys. */
const INVERTED = "uptakeInverted";
cmapper.addColormap(INVERTED, {
  R: [255, 0],
  G: [255, 0],
  B: [255, 0],
  A: [0, 128],
  I: [0, 255],
});

const CROSSHAIR_MM = 2;

/** Of fills, what lies below shines through. */
const FILL_OPACITY = 0.55;

export async function createPlanes(
  canvas: HTMLCanvasElement,
  onMove: (location: Location) => void,
): Promise<Planes> {
  let toVoxel: Affine | null = null;
  let toMm: Affine | null = null;
  let shape: Triple = [1, 1, 1];
  let here: Location | null = null;
  const niivue = new Niivue({
    logLevel: "error",
    loadingText: "",
    dragAndDropEnabled: false,
    dragMode: DRAG_MODE.pan,
    yoke3Dto2DZoom: true,
    isRadiologicalConvention: true,
    isNearestInterpolation: false,
    crosshairColor: [0, 0.6, 0.36, 0.7],
    crosshairWidth: CROSSHAIR_MM,
    crosshairWidthUnit: "mm",
    crosshairGap: 8,
    multiplanarShowRender: SHOW_RENDER.NEVER,
    multiplanarLayout: MULTIPLANAR_TYPE.AUTO,
    multiplanarPadPixels: 6,
    tileMargin: 0,
    show3Dcrosshair: true,
    isSliceMM: true,
    clipPlaneHotKey: "",
    cycleClipPlaneHotKey: "",
    viewModeHotKey: "",
    fontMinPx: 12,
    backColor: [1, 1, 1, 1],
    fontColor: [0.35, 0.35, 0.35, 1],
  });
  niivue.onLocationChange = (location) => {
    if (!isLocation(location) || toVoxel === null) return;
    // Its own voxel indices are those of a volume turned to RAS, not the file's.
    const [x = 0, y = 0, z = 0] = location.mm;
    settle(transform(toVoxel, [x, y, z]));
  };
  await niivue.attachToCanvas(canvas);
  // NiiVue blurs and differentiates every volume for a light that we never switch on; without a graphics processor
  // that takes longer than all the rest. Copies take their place.
  niivue.blurShader = niivue.passThroughShader ?? niivue.blurShader;
  niivue.sobelFirstOrderShader = niivue.blurShader;
  let overlay: NVImage | null = null;

  /** The crosshair stands on the voxel's centre then, and everyone knows. */
  function settle(at: Triple): void {
    if (toMm === null) return;
    const voxel = nearestVoxel(at, shape);
    const mm = transform(toMm, voxel);
    here = { voxel, mm };
    niivue.scene.crosshairPos = niivue.mm2frac([...mm]);
    niivue.drawScene();
    onMove(here);
  }

  function zoomTo({ factor, panMm }: Zoom): void {
    // The lines are no thicker, however near they are.
    const widthMm = CROSSHAIR_MM / factor;
    if (niivue.opts.crosshairWidth !== widthMm) {
      niivue.setCrosshairWidth(widthMm);
    }
    niivue.setPan2Dxyzmm([...panMm, factor]);
  }

  function zoom(): Zoom {
    const [x, y, z, factor] = niivue.scene.pan2Dxyzmm;
    return { factor: factor!, panMm: [x!, y!, z!] };
  }

  function moveToVoxel(voxel: Triple): void {
    if (toMm === null) return;
    const corners = niivue.sceneExtentsMinMax(true) as unknown as Triple[];
    const [low, high] = corners as [Triple, Triple];
    zoomTo(keptInView(zoom(), transform(toMm, voxel), { low, high }));
    settle(voxel);
  }

  return {
    moveToVoxel,
    moveTo(mm) {
      if (toVoxel !== null) moveToVoxel(transform(toVoxel, mm));
    },
    moveBy(axis, voxels) {
      if (here === null || toMm === null) return;
      const along = axesOf(rowsOf(toMm))[axis];
      const step = Math.sign(toMm[4 * axis + along]!) * voxels;
      const [i, j, k] = here.voxel.map((index, own) =>
        own === along ? index + step : index
      );
      moveToVoxel(nearestVoxel([i!, j!, k!], shape));
    },
    zoomBy(factor) {
      if (here === null) return;
      zoomTo(
        factor === null ? NO_ZOOM : zoomedAround(zoom(), factor, here.mm),
      );
    },
    axisAt({ x, y }) {
      const ratio = niivue.canvas!.width / niivue.canvas!.clientWidth;
      const tile = niivue.screenSlices[niivue.tileIndex(x * ratio, y * ratio)];
      // NiiVue counts axial, coronal, sagittal, and then what is no plane.
      return tile === undefined || tile.axCorSag > 2
        ? null
        : (2 - tile.axCorSag) as WorldAxis;
    },
    show(volume, { lo, hi }) {
      const { image, affine } = volume;
      toMm = affine.flat();
      toVoxel = invert(toMm);
      shape = volume.shape;
      image.cal_min = lo;
      image.cal_max = hi;
      niivue.addVolume(image);
      settle([(shape[0] - 1) / 2, (shape[1] - 1) / 2, (shape[2] - 1) / 2]);
    },
    setWindow({ lo, hi }) {
      const [image] = niivue.volumes;
      if (image === undefined) return;
      image.cal_min = lo;
      image.cal_max = hi;
      niivue.refreshLayers(image, 0);
      niivue.drawScene();
    },
    setInverted(inverted) {
      const end = inverted ? 1 : 0;
      niivue.opts.backColor = [end, end, end, 1];
      const [image] = niivue.volumes;
      if (image === undefined) return;
      const { cal_min: lo = 0, cal_max: hi = 1 } = image;
      // Other colours forget the window.
      image.colormap = inverted ? INVERTED : "gray";
      image.cal_min = lo;
      image.cal_max = hi;
      niivue.refreshLayers(image, 0);
      niivue.drawScene();
    },
    setView(view) {
      niivue.setSliceType(SLICE_TYPES[view]);
    },
    setColours(like, colours, mode) {
      const isOutline = mode === "outline";
      niivue.opts.atlasOutline = isOutline ? 1 : 0;
      if (overlay === null) {
        overlay = like.image;
        const { hdr } = overlay;
        if (hdr === null) return;
        hdr.datatypeCode = 2;
        hdr.numBitsPerVoxel = 8;
        hdr.scl_slope = 1;
        hdr.scl_inter = 0;
        overlay.setColormapLabel(labelColours());
        niivue.volumes.push(overlay);
        niivue.overlays = [overlay];
      }
      overlay.img = colours;
      overlay.opacity = isOutline ? 1 : FILL_OPACITY;
      // Only what changed goes to the graphics processor again.
      niivue.refreshLayers(overlay, 1);
      niivue.drawScene();
    },
  };
}

function nearestVoxel(at: Triple, shape: Triple): Triple {
  const [i, j, k] = at.map((index, axis) =>
    Math.min(shape[axis]! - 1, Math.max(0, Math.round(index)))
  );
  return [i!, j!, k!];
}

function rowsOf(affine: Affine): readonly (readonly number[])[] {
  return [0, 4, 8].map((start) => affine.slice(start, start + 4));
}

function labelColours() {
  const values = Object.keys(COLOURS).map(Number) as ColourValue[];
  const channel = (n: 0 | 1 | 2) => [
    0,
    ...values.map((value) => COLOURS[value].colour[n]),
  ];
  return {
    R: channel(0),
    G: channel(1),
    B: channel(2),
    A: [0, ...values.map(() => 255)],
    I: [0, ...values],
    labels: ["", ...values.map((value) => COLOURS[value].name)],
  };
}

function isLocation(
  value: unknown,
): value is { readonly mm: Iterable<number> } {
  return typeof value === "object" && value !== null && "mm" in value;
}
