/**
 * Other rows for a trainer network to read: some of those that there are, or floats as they are.
 *
 * @module
 */
import { empty } from "../../autodiff/mod.ts";
import type { FeatureRows } from "../features.ts";

/** Some rows, numbered in the order of `chosen`. */
export function chosenRows<Input>({ gather, lengths }: FeatureRows<Input>, chosen: Uint32Array): FeatureRows<Input> {
  return {
    ...(lengths !== undefined && { lengths: Int32Array.from(chosen, (row) => lengths[row]) }),
    gather: (rows) => gather(rows.map((row) => chosen[row])),
  };
}

/** Floats as they are, [rows x width] row by row. */
export function plainRows(values: Float32Array, width: number): FeatureRows {
  return {
    gather(rows) {
      const batch = empty([rows.length, width], { name: "features" });
      rows.forEach((row, i) => batch.data.set(values.subarray(row * width, (row + 1) * width), i * width));
      return batch;
    },
  };
}
