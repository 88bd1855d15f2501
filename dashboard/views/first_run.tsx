/** @module What to do in a home without runs. */
import { Empty } from "./message.tsx";

export function FirstRun({ title, location }: {
  title: string;
  /** Of the home. */
  location: string;
}) {
  return (
    <Empty title={title}>
      <p>Segment some scans into this home, and they appear here:</p>
      <pre
        tabindex={0}
      ><code>{`uptake submit --dataset <store with scans> --checkpoint <file> --home ${location}`}</code></pre>
    </Empty>
  );
}
