/**
 * PNG files of pictures.
 * @module
 */
import { encode } from "fast-png";
import type { Picture } from "./mip.ts";

/** The same picture gives the same bytes. */
export function encodePng(picture: Picture): Uint8Array<ArrayBuffer> {
  const { width, height, pixels, palette } = picture;
  const bytes = encode({
    width,
    height,
    data: pixels,
    depth: 8,
    channels: 1,
    palette: palette.map((colour) => [...colour]),
  }, { zlib: { level: 9 } });
  return new Uint8Array(bytes);
}
