/** @module The thread that decodes, prepares, measures and encodes. */
import { transfer } from "comlink";
import {
  type CaseSettings,
  type CaseWork,
  createCaseWork,
} from "../case_work.ts";
import { serve } from "../../../shared/thread.ts";

let work: CaseWork | undefined;

function opened(): CaseWork {
  if (work === undefined) throw new TypeError("The case thread is not open");
  return work;
}

const functions = {
  open(settings: CaseSettings): void {
    work = createCaseWork(settings);
  },
  async prepare(...args: Parameters<CaseWork["prepare"]>) {
    const made = await opened().prepare(...args);
    return transfer(made, made.prepared.channels.map(({ buffer }) => buffer));
  },
  async finish(...args: Parameters<CaseWork["finish"]>) {
    const made = await opened().finish(...args);
    return transfer(made, made.files.map(({ body }) => body.buffer));
  },
  drop: (caseId: string) => opened().drop(caseId),
};
export type CaseThread = typeof functions;

serve(functions);
