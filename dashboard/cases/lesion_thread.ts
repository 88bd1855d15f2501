/** @module The thread that measures lesions, so that requests are answered meanwhile. */
import { serve } from "../../shared/thread.ts";
import { measureLesions } from "./measure_lesions.ts";

const functions = {
  /** In an object, as Comlink's types take unions apart. */
  measure: (...args: Parameters<typeof measureLesions>) => ({
    read: measureLesions(...args),
  }),
};
export type LesionThread = typeof functions;

serve(functions);
