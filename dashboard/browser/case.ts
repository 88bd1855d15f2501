/** @module The page of a case: the viewer, the lesions, and a key for everything. */
import type { ViewerCase } from "../views/viewer_case.ts";
import { element } from "./viewer/element.ts";
import { bindKeys } from "./viewer/keys.ts";
import { type LesionList, showLesions } from "./viewer/lesions.ts";

const root = element("viewer", HTMLElement);
const data: ViewerCase = JSON.parse(root.dataset.case ?? "{}");
let lesions: LesionList | null = null;

bindKeys((by) => lesions?.step(by));
// The viewer is by far the largest script: keys and review work before it is there.
const { startViewer } = await import("./viewer/viewer.ts");
const viewer = await startViewer(root, data);
if (data.lesions !== null) {
  lesions = await showLesions(
    element("lesions", HTMLElement),
    data.lesions,
    data.classes,
    (mm) => viewer?.moveTo(mm),
  );
}
