/** @module The place of the viewer: what scripts fill, and what stands there when they cannot. */
import type { CaseDetail } from "../../shared/catalog/queries/case_detail.ts";
import type { FileState, FileStates } from "../cases/look_at_files.ts";
import { caseFileUrl } from "../routes/case_files.ts";
import { windowNames } from "../browser/viewer/windows.ts";
import type { ViewerCase, ViewerFile } from "./viewer_case.ts";

export function CaseViewer({ detail, classes, files }: {
  detail: CaseDetail;
  classes: readonly string[];
  files: FileStates;
}) {
  const { runId, caseId, unit } = detail;
  const fileOf = (kind: "image" | "label" | "mask"): ViewerFile | null => {
    const file = files[kind];
    if (file.state !== "there") return null;
    const { byteCount, affine, slope, intercept } = file.header;
    return {
      url: caseFileUrl(runId, caseId, kind),
      bytes: byteCount,
      affine,
      slope,
      intercept,
    };
  };
  const data: ViewerCase = {
    unit,
    classes: [...classes],
    image: fileOf("image"),
    label: fileOf("label"),
    mask: fileOf("mask"),
    lesions: detail.state === "done"
      ? `/api/v1/runs/${encodeURIComponent(runId)}/cases/${
        encodeURIComponent(caseId)
      }/lesions`
      : null,
  };
  const problem = problemOf(files.image) ??
    (files.image.state === "none" ? "The record names no image." : null);
  return (
    <div class="case-main">
      <section
        id="viewer"
        class="viewer card"
        aria-label="Viewer"
        data-case={JSON.stringify(data)}
      >
        <Toolbar data={data} />
        <div id="stage" class="stage">
          <div>
            <canvas
              id="planes"
              tabindex={0}
              aria-label="Axial, coronal and sagittal planes. A click, the arrow keys and Page up and down move the crosshair; plus and minus enlarge around it."
              role="application"
              aria-describedby="position"
            >
            </canvas>
          </div>
          <div>
            <canvas
              id="mip"
              role="img"
              aria-label="Maximum intensity projection. A click moves the crosshair there."
            >
            </canvas>
          </div>
          <div id="stage-message" class="stage-message" role="status">
            {problem === null
              ? (
                <>
                  <p id="stage-text">Loading the image</p>
                  <progress id="stage-progress" aria-label="Loading"></progress>
                </>
              )
              : <p id="stage-text">{problem}</p>}
            <noscript>
              <p>The viewer needs scripts.</p>
            </noscript>
          </div>
        </div>
        <div class="readout row">
          <span id="position" aria-live="polite"></span>
          <span id="legend" class="row legend"></span>
        </div>
        <Steps data={data} />
        <Notes files={files} isDone={detail.state === "done"} />
      </section>
      <section class="card" aria-labelledby="lesions-title">
        <h2 id="lesions-title">Lesions</h2>
        <div id="lesions">
          <p class="muted">
            {data.lesions === null
              ? "There is no mask yet."
              : "Measuring the lesions"}
          </p>
        </div>
      </section>
    </div>
  );
}

/** From lesion to lesion, and nearer: without leaving the planes, which fill a small screen. */
function Steps({ data }: { data: ViewerCase }) {
  return (
    <div class="steps row" hidden={data.image === null}>
      <div
        class="row"
        role="group"
        aria-label="Lesion"
        hidden={data.lesions === null}
      >
        <button
          type="button"
          id="lesion-previous"
          class="button quiet"
          aria-label="Previous lesion"
          disabled
        >
          ‹
        </button>
        <button
          type="button"
          id="lesion-next"
          class="button quiet"
          aria-label="Next lesion"
          disabled
        >
          ›
        </button>
        <button type="button" id="lesion-name" class="link" disabled>
          Lesions
        </button>
      </div>
      <fieldset id="look" class="row" disabled>
        <legend class="visually-hidden">How it is shown</legend>
        <label class="tick">
          <input id="invert" type="checkbox" checked />
          Dark on white
        </label>
        <button
          type="button"
          id="zoom-out"
          class="button quiet"
          aria-label="Zoom out"
        >
          −
        </button>
        <button
          type="button"
          id="zoom-in"
          class="button quiet"
          aria-label="Zoom in"
        >
          +
        </button>
        <button type="button" id="zoom-reset" class="button quiet">
          Whole scan
        </button>
      </fieldset>
    </div>
  );
}

/** Of no use before there is an image: then the viewer switches it on. */
function Toolbar({ data }: { data: ViewerCase }) {
  const hasMask = data.mask !== null;
  const hasLabel = data.label !== null;
  const modes = [
    ["outline", "Outlines"],
    ["fill", "Fills"],
    ["difference", "Difference"],
    ["none", "Hidden"],
  ] as const;
  return (
    <fieldset id="toolbar" class="toolbar row" disabled>
      <legend class="visually-hidden">What is shown</legend>
      <label>
        Window
        <select id="window">
          {windowNames(data.unit).map((name) => (
            <option key={name}>{name}</option>
          ))}
          <option value="own" hidden>Own window</option>
        </select>
      </label>
      <label>
        From
        <input id="window-from" type="number" step="any" />
      </label>
      <label>
        To
        <input id="window-to" type="number" step="any" />
      </label>
      <label>
        View
        <select id="view">
          <option value="planes">Planes and MIP</option>
          <option value="axial">Axial</option>
          <option value="coronal">Coronal</option>
          <option value="sagittal">Sagittal</option>
          <option value="render">3D</option>
        </select>
      </label>
      <label>
        Segmentation
        <select id="mode" disabled={!hasMask && !hasLabel}>
          {modes.map(([value, name]) => (
            <option
              value={value}
              disabled={value === "difference" && !(hasMask && hasLabel)}
            >
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="tick">
        <input id="show-mask" type="checkbox" checked disabled={!hasMask} />
        Mask
      </label>
      <label class="tick">
        <input id="show-label" type="checkbox" checked disabled={!hasLabel} />
        Label
      </label>
    </fieldset>
  );
}

function Notes({ files, isDone }: { files: FileStates; isDone: boolean }) {
  const notes = [
    problemOf(files.mask) ??
      (files.mask.state === "none"
        ? isDone ? "The record names no mask." : "There is no mask yet."
        : null),
    problemOf(files.label) ??
      (files.label.state === "none" ? "This case has no label." : null),
  ].filter((note) => note !== null);
  return (
    <>
      {notes.map((note) => <p key={note} class="muted note">{note}</p>)}
    </>
  );
}

function problemOf(file: FileState): string | null {
  return "reason" in file ? `${file.reason}.` : null;
}
