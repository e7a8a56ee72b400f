/**
 * Writes the projection section of a `.pnet` file, the selected rows and the thresholds of filters in it, and packs lists of thresholds (FORMAT.md, sections 2
 * and 4).
 *
 * @module
 */

import { COUNTS, FAMILIES, SELECTED } from "./format.ts";
import type { PnetModel } from "./model.ts";
import type { Writer } from "./writer.ts";
import type { Selection } from "../projection/mod.ts";
import { shortestRice } from "./numbers.ts";

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

/**
 * Writes a selection.
 *
 * @param payload of the projection section
 * @param selection pool and ascending indices
 */
export function writeSelection(payload: Writer, { pool, indices }: Selection): void {
  const { parameter, bits } = shortestRice(indices);
  const packed = new Uint8Array(Math.ceil(bits / 8));
  let at = 0;
  const put = (bit: number): void => {
    packed[at >>> 3] |= bit << (at & 7);
    at++;
  };
  for (let k = 0, next = 0; k < indices.length; next = indices[k++] + 1) {
    const gap = indices[k] - next;
    for (let i = gap >>> parameter; i > 0; i--) put(1);
    put(0);
    for (let i = 0; i < parameter; i++) put((gap >>> i) & 1);
  }
  payload.varint(pool);
  payload.bytes([parameter]);
  payload.bytes(packed);
}

/** How a list of thresholds is stored. */
export interface PackedThresholds {
  /** Bits of a number, 1...32. */
  width: number;
  /** The numbers are multiplied by 2^shift. */
  shift: number;
  /** The numbers in two's complement, lowest bit first. */
  packed: Uint8Array;
}

/**
 * Packs thresholds in as few bits as hold them.
 *
 * @param thresholds not all zero
 * @returns width, shift and bytes
 */
export function packThresholds(thresholds: Int32Array): PackedThresholds {
  let union = 0, magnitude = 0;
  for (const value of thresholds) {
    union |= value;
    magnitude |= value ^ (value >> 31);
  }
  const shift = 31 - Math.clz32(union & -union);
  const width = 33 - Math.clz32(magnitude >>> shift);
  const packed = new Uint8Array(Math.ceil(thresholds.length * width / 8));
  for (let k = 0, at = 0; k < thresholds.length; k++) {
    for (let i = shift; i < shift + width; i++, at++) {
      packed[at >>> 3] |= ((thresholds[k] >> Math.min(i, 31)) & 1) << (at & 7);
    }
  }
  return { width, shift, packed };
}
