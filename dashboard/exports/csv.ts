/**
 * Comma-separated values for spreadsheets (RFC 4180). What a spreadsheet would take for a formula is marked as
 * text: case ids come from whoever named the scans (CWE-1236).
 * @module
 */

export type Cell = string | number | null | undefined;

/** A line with its end. Numbers keep every digit and stand as they are, also negative ones. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "number") return String(cell);
  // The apostrophe is what people type themselves to say "this is text".
  const text = /^[=+\-@\t\r\n＝＋－＠]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
