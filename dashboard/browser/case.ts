/** @module The page of a case: the viewer, the lesions, and a key for everything. */
import type { ViewerCase } from "../views/viewer_case.ts";
import { element } from "./viewer/element.ts";
import { bindKeys } from "./viewer/keys.ts";
import { type LesionList, showLesions } from "./viewer/lesions.ts";
import type { Viewer } from "./viewer/viewer.ts";

const root = element("viewer", HTMLElement);
const data: ViewerCase = JSON.parse(root.dataset.case ?? "{}");
let lesions: LesionList | null = null;
let viewer: Viewer | null = null;

bindKeys({
  stepLesion: (by) => lesions?.step(by),
  zoom: (step) => viewer?.zoom(step),
});
// The viewer is by far the largest script: keys and review work before it is there.
const { startViewer } = await import("./viewer/viewer.ts");
viewer = await startViewer(root, data);
if (data.lesions === null) {
  viewer?.startAt(null);
} else {
  lesions = await showLesions(
    element("lesions", HTMLElement),
    data.lesions,
    data.classes,
    (mm) => {
      if (viewer === null) return;
      viewer.moveTo(mm);
      showStage();
    },
    (mm) => viewer?.startAt(mm) ?? false,
  );
}

/** The focus stays where it is: whoever goes through the table by keys goes on there. */
function showStage(): void {
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element("stage", HTMLElement).scrollIntoView({
    block: "nearest",
    behavior: isCalm ? "auto" : "smooth",
  });
}
