/** @module The viewer of a case: planes, projection, segmentations, and the controls above them. */
import { element } from "./element.ts";
import type { ViewerCase, ViewerFile } from "../../views/viewer_case.ts";
import { digits } from "../../views/numbers.ts";
import { loadFile } from "./load_file.ts";
import { drawMip, voxelAt } from "./draw_mip.ts";
import { middleOf } from "./middle.ts";
import { project, type Projection } from "./projection.ts";
import {
  createPlanes,
  type Location,
  type ReadVolume,
  readVolume,
  type View,
} from "./planes.ts";
import {
  COLOURS,
  type ColourValue,
  legendOf,
  type Mode,
  paint,
  type Segmentations,
  type Shown,
} from "./segmentation.ts";
import { bindStepKeys } from "./step_keys.ts";
import { valueText } from "./value_text.ts";
import { bindWheel } from "./wheel.ts";
import { bindWindow } from "./window_controls.ts";
import { type GreyWindow, windowFinder } from "./windows.ts";

type Millimetres = readonly [number, number, number];

export interface Viewer {
  moveTo(mm: Millimetres): void;
  /**
   * Goes where the first look belongs, unless somebody has moved the crosshair already.
   *
   * @param mm null: the middle of the mask, or of the label
   * @returns whether it went
   */
  startAt(mm: Millimetres | null): boolean;
  /** One step nearer or farther; 0: all of the scan. */
  zoom(step: 1 | -1 | 0): void;
}

const ZOOM_STEP = 1.5;

const MODE_KEY = "uptake_segmentation";

export async function startViewer(
  root: HTMLElement,
  data: ViewerCase,
): Promise<Viewer | null> {
  const message = element("stage-message", HTMLElement);
  const say = (text: string) => {
    message.hidden = false;
    element("stage-text", HTMLElement).textContent = text;
    document.getElementById("stage-progress")?.remove();
  };
  if (data.image === null) return null;
  if (document.createElement("canvas").getContext("webgl2") === null) {
    say("This browser cannot draw volumes: it has no WebGL 2.");
    return null;
  }
  try {
    return await start(root, data, data.image);
  } catch (error) {
    root.dataset.state = "failed";
    say(`The image is not shown: ${sentenceOf(error)}.`);
    return null;
  }
}

async function start(
  root: HTMLElement,
  data: ViewerCase,
  imageFile: ViewerFile,
): Promise<Viewer> {
  const progress = document.getElementById("stage-progress");
  const canvas = element("planes", HTMLCanvasElement);
  const mip = element("mip", HTMLCanvasElement);
  let current: Location | null = null;
  let image: ReadVolume | null = null;
  const [bytes, planes] = await Promise.all([
    loadFile(imageFile, (share) => {
      if (progress instanceof HTMLProgressElement) progress.value = share;
    }),
    createPlanes(canvas, (location) => {
      current = location;
      showLocation();
      drawProjection();
    }),
  ]);
  const read = await readVolume(
    bytes,
    "image",
    imageFile,
    SUV_START[data.unit],
  );
  image = read;
  const findWindow = windowFinder(data.unit, read.valueAt, read.count);
  let grey = findWindow(0);
  let isInverted = true;
  let projection: Projection | null = null;
  let segmentations: Segmentations | null = null;
  let carrier: ReadVolume | null = null;
  let colours = new Uint8Array(0);
  let shadows: Shadow[] = [];
  const controls = findControls();
  planes.show(read, grey);
  const start = current;
  for (const id of ["toolbar", "look"]) {
    element(id, HTMLFieldSetElement).disabled = false;
  }
  element("stage-message", HTMLElement).hidden = true;
  await nextFrame();
  // People's patience is measured by it.
  root.dataset.state = "image";
  performance.mark("uptake:first-slice");

  function showLocation(): void {
    if (current === null || image === null) return;
    const [i, j, k] = current.voxel;
    const [ni, nj] = image.shape;
    const at = (k * nj + j) * ni + i;
    const value = image.valueAt(at);
    const [x, y, z] = current.mm.map((mm) => digits(mm, 0));
    const unit = data.unit === "SUV" ? "SUV" : "value";
    const inside = segmentations === null ? [] : [
      className(segmentations.mask?.[at], "in the mask"),
      className(segmentations.label?.[at], "in the label"),
    ].filter((text) => text !== null);
    element("position", HTMLElement).textContent = [
      `R ${x}, A ${y}, S ${z} mm`,
      Number.isFinite(value) ? `${unit} ${valueText(value)}` : null,
      ...inside,
    ].filter((text) => text !== null).join(" · ");
  }

  function className(value: number | undefined, where: string): string | null {
    if (value === undefined || value === 0) return null;
    return data.classes.length > 1
      ? `${data.classes[value - 1] ?? value} ${where}`
      : where;
  }

  function shown(): Shown {
    return {
      mode: controls.mode.value as Mode,
      mask: controls.mask.checked,
      label: controls.label.checked,
    };
  }

  function drawProjection(): void {
    if (projection === null) return;
    drawMip(mip, projection, {
      window: grey,
      isInverted,
      shadows,
      voxel: current?.voxel ?? null,
    });
  }

  function drawSegmentations(): void {
    if (segmentations === null || carrier === null) return;
    const look = shown();
    paint(segmentations, look, colours);
    shadows = projection === null
      ? []
      : castShadows(projection, segmentations, colours, look);
    planes.setColours(carrier, colours, look.mode);
    showLegend(segmentations, look);
    drawProjection();
  }

  bindWindow(findWindow, (window) => {
    grey = window;
    planes.setWindow(grey);
    drawProjection();
  });
  controls.invert.addEventListener("change", () => {
    isInverted = controls.invert.checked;
    root.classList.toggle("white-on-dark", !isInverted);
    planes.setInverted(isInverted);
    drawProjection();
  });
  controls.view.addEventListener("change", () => {
    const view = controls.view.value as View;
    root.classList.toggle("single", view !== "planes");
    planes.setView(view);
    drawProjection();
  });
  const kept = sessionStorage.getItem(MODE_KEY);
  const option = [...controls.mode.options].find(({ value, disabled }) =>
    value === kept && !disabled
  );
  if (option !== undefined) controls.mode.value = option.value;
  for (const control of [controls.mode, controls.mask, controls.label]) {
    control.addEventListener("change", () => {
      sessionStorage.setItem(MODE_KEY, controls.mode.value);
      drawSegmentations();
    });
  }
  bindStepKeys(canvas, () => controls.view.value as View, planes.moveBy);
  bindWheel(canvas, planes);
  const zoom = (step: 1 | -1 | 0) =>
    planes.zoomBy(step === 0 ? null : ZOOM_STEP ** step);
  for (const [id, step] of ZOOM_BUTTONS) {
    element(id, HTMLButtonElement).addEventListener("click", () => zoom(step));
  }
  mip.addEventListener("click", ({ offsetX, offsetY }) => {
    const voxel = projection === null
      ? null
      : voxelAt(mip, projection, { x: offsetX, y: offsetY });
    if (voxel !== null) planes.moveToVoxel(voxel);
  });
  new ResizeObserver(() => drawProjection()).observe(mip);

  projection = project(read);
  drawProjection();
  await nextFrame();
  const loaded = await loadSegmentations(data, read);
  segmentations = loaded.segmentations;
  carrier = loaded.carrier;
  if (carrier !== null) {
    colours = new Uint8Array(read.count);
    drawSegmentations();
    showLocation();
  }
  for (const problem of loaded.problems) addNote(root, problem);
  root.dataset.state = "ready";
  return {
    moveTo: planes.moveTo,
    zoom,
    startAt(mm) {
      if (current !== start) return false;
      const middle = mm === null ? middleOfAny(segmentations) : null;
      if (mm !== null) planes.moveTo(mm);
      else if (middle !== null) planes.moveToVoxel(middle);
      return true;
    },
  };
}

const ZOOM_BUTTONS = [
  ["zoom-out", -1],
  ["zoom-in", 1],
  ["zoom-reset", 0],
] as const;

function middleOfAny(segmentations: Segmentations | null) {
  if (segmentations === null) return null;
  const { mask, label, shape } = segmentations;
  return (mask && middleOf(mask, shape)) ?? (label && middleOf(label, shape));
}

/** Known without looking at any voxel: the first picture need not wait. */
const SUV_START: Readonly<
  Record<ViewerCase["unit"], GreyWindow | undefined>
> = {
  SUV: { lo: 0, hi: 5 },
  unknown: undefined,
};

interface Shadow {
  readonly data: Uint8Array;
  readonly value: ColourValue;
  readonly isThin: boolean;
}

/** What is outlined on the projection, in the colours of the legend; what needs a look lies on top. */
function castShadows(
  projection: Projection,
  segmentations: Segmentations,
  colours: Uint8Array,
  shown: Shown,
): Shadow[] {
  const values = legendOf(segmentations, shown);
  if (values.includes(6)) {
    return values.toReversed().map((value) => ({
      value,
      data: projection.shadow(colours, value),
      isThin: false,
    }));
  }
  return values.flatMap((value) => {
    const data = value === 1
      ? segmentations.mask
      : value === 2
      ? segmentations.label
      : null;
    return data === null
      ? []
      : [{ value, data: projection.shadow(data), isThin: value === 2 }];
  });
}

interface Loaded {
  readonly segmentations: Segmentations;
  /** Whose grid the colours are drawn on. */
  readonly carrier: ReadVolume | null;
  readonly problems: readonly string[];
}

async function loadSegmentations(
  { mask, label }: ViewerCase,
  { shape }: ReadVolume,
): Promise<Loaded> {
  const problems: string[] = [];
  const load = async (
    file: ViewerFile | null,
    name: string,
  ): Promise<ReadVolume | null> => {
    if (file === null) return null;
    try {
      return await readVolume(await loadFile(file), name, file);
    } catch (error) {
      problems.push(`The ${name} is not shown: ${sentenceOf(error)}.`);
      return null;
    }
  };
  const ofMask = await load(mask, "mask");
  const ofLabel = await load(label, "label");
  return {
    segmentations: {
      mask: ofMask && wholeNumbers(ofMask),
      label: ofLabel && wholeNumbers(ofLabel),
      shape,
    },
    carrier: ofMask ?? ofLabel,
    problems,
  };
}

/** Scaled labels are whole numbers only nearly. */
function wholeNumbers({ count, valueAt }: ReadVolume): Uint8Array {
  const values = new Uint8Array(count);
  for (let n = 0; n < count; n++) values[n] = Math.floor(valueAt(n) + 0.5);
  return values;
}

function findControls() {
  return {
    view: element("view", HTMLSelectElement),
    mode: element("mode", HTMLSelectElement),
    mask: element("show-mask", HTMLInputElement),
    label: element("show-label", HTMLInputElement),
    invert: element("invert", HTMLInputElement),
  };
}

function showLegend(segmentations: Segmentations, shown: Shown): void {
  const values = legendOf(segmentations, shown);
  element("legend", HTMLElement).replaceChildren(
    ...values.map((value) => {
      const item = document.createElement("span");
      item.className = "key";
      const swatch = document.createElement("span");
      swatch.className = "swatch";
      swatch.style.background = `rgb(${COLOURS[value].colour.join(" ")})`;
      item.append(swatch, COLOURS[value].name);
      return item;
    }),
  );
}

function addNote(root: HTMLElement, text: string): void {
  const paragraph = document.createElement("p");
  paragraph.className = "warn note";
  paragraph.textContent = text;
  root.append(paragraph);
}

function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
  });
}

/** What went wrong, as the end of a sentence. */
function sentenceOf(error: unknown): string {
  // Thrown where memory cannot be had.
  if (error instanceof RangeError) {
    return "this browser has too little memory for it";
  }
  const text = error instanceof Error ? error.message : String(error);
  return text.charAt(0).toLowerCase() + text.slice(1);
}
