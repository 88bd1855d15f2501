/** @module What the page of a case tells the viewer's script. */

export interface ViewerCase {
  readonly unit: "SUV" | "unknown";
  /** Names of the foreground classes. */
  readonly classes: readonly string[];
  /** Where they are; null where there is none to be shown. */
  readonly image: string | null;
  readonly label: string | null;
  readonly mask: string | null;
  readonly lesions: string | null;
}
