/** @module How a page's parts are found. */

/** @throws {TypeError} when it is not there: script and page do not fit each other. */
export function element<T extends Element>(
  id: string,
  type: new () => T,
): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new TypeError(`Cannot find #${id} on this page`);
}
