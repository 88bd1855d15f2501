/**
 * What every store must do, whatever it is made of.
 * @module
 */
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { testListing } from "./contract/listing.ts";
import { testPeeking, testReading } from "./contract/reading.ts";
import { testWriting } from "./contract/writing.ts";

/** Registers one test; gets a fresh, empty store. */
export type StoreTest = (
  name: string,
  fn: (store: ObjectStore) => Promise<void>,
) => void;

/** Registers the tests that every store passes. */
export function testContract(test: StoreTest): void {
  testReading(test);
  testPeeking(test);
  testWriting(test);
  testListing(test);
}
