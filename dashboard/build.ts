/** @module `deno task build`: bundles the browser scripts of the dashboard. */
import { bundle } from "./bundle.ts";

await bundle();
