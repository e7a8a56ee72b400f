/**
 * Writes the projection section of a `.pnet` file (FORMAT.md, section 2).
 *
 * @module
 */

import { COUNTS, FAMILIES, SELECTED } from "./format.ts";
import type { PnetModel } from "./model.ts";
import { writeSelection } from "./write_selection.ts";
import { packThresholds } from "./write_thresholds.ts";
import type { Writer } from "./writer.ts";

/**
 * Writes the section.
 *
 * @param payload receives it
 * @param model a checked model
 */
export function writeProjection(payload: Writer, { projection: spec, reads }: PnetModel): void {
  const flags = (spec.selection ? SELECTED : 0) + (reads === "counts" ? COUNTS : 0);
  payload.bytes([FAMILIES.indexOf(spec.family) + flags]);
  payload.varint(spec.seed);
  payload.varint(spec.functions);
  if (spec.family === "conv") {
    for (const value of [spec.filter, spec.stride, spec.cell, spec.cellStride]) payload.varint(value);
  } else {
    payload.varint(spec.bitsPerFunction);
  }
  if (spec.family === "taps") payload.varint(spec.taps);
  if (spec.family === "patch") {
    payload.varint(spec.smallest);
    payload.varint(spec.largest);
  }
  if (spec.selection) writeSelection(payload, spec.selection);
  if (spec.family === "conv") {
    if (spec.filterThresholds.every((threshold) => threshold === 0)) payload.bytes([0]);
    else {
      const { width, shift, packed } = packThresholds(spec.filterThresholds);
      payload.bytes([width, shift]);
      payload.bytes(packed);
    }
  }
}
