/**
 * Selected rows in a `.pnet` file (FORMAT.md, section 2): the gaps between ascending numbers in a Rice code, which comes close to the entropy of a random
 * subset and needs less than the ⌈log2 pool⌉ bits that a number would.
 *
 * @module
 */

import { MAX_POOL, type Selection } from "../projection/mod.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** The greatest Rice parameter; gaps are below 2^24. */
const MAX_PARAMETER = 24;

/** The parameter with the shortest code, the lowest on a tie, and the code's length in bits. */
function shortest(indices: Uint32Array): { parameter: number; bits: number } {
  let best = { parameter: 0, bits: Infinity };
  for (let parameter = 0; parameter <= MAX_PARAMETER; parameter++) {
    let bits = indices.length * (1 + parameter);
    for (let k = 0, next = 0; k < indices.length; next = indices[k++] + 1) bits += (indices[k] - next) >>> parameter;
    if (bits < best.bits) best = { parameter, bits };
  }
  return best;
}

/**
 * Writes a selection.
 *
 * @param payload of the projection section
 * @param selection pool and ascending indices
 */
export function writeSelection(payload: Writer, { pool, indices }: Selection): void {
  const { parameter, bits } = shortest(indices);
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

/**
 * Reads a selection.
 *
 * @param reader stands at the pool
 * @param rows number of indices
 * @returns pool and indices, strictly ascending and below the pool
 */
export function readSelection(reader: Reader, rows: number): Selection {
  const pool = reader.varint("pool", 1, MAX_POOL);
  const parameter = reader.byte("Rice parameter", MAX_PARAMETER);
  const start = reader.at;
  const left = 8 * (reader.end - start);
  if (rows * (1 + parameter) > left) {
    reader.fail(`${rows} indices need at least ${rows * (1 + parameter)} bits, found ${left}`);
  }
  let at = 0;
  const take = (): number => {
    if (at === left) reader.fail("indices need more bits");
    const bit = (reader.bytes[start + (at >>> 3)] >>> (at & 7)) & 1;
    at++;
    return bit;
  };
  const indices = new Uint32Array(rows);
  for (let k = 0, next = 0; k < rows; k++) {
    let quotient = 0;
    while (take()) quotient++;
    let gap = quotient * 2 ** parameter;
    for (let i = 0; i < parameter; i++) gap += take() * 2 ** i;
    next += gap;
    if (next >= pool) reader.fail(`index ${k} is ${next}, wanted below ${pool}`, start);
    indices[k] = next++;
  }
  if (shortest(indices).parameter !== parameter) reader.fail("indices not in the shortest code", start);
  const used = at;
  while (at & 7) if (take()) reader.fail("padding not zero");
  reader.skip(Math.ceil(used / 8), "indices");
  return { pool, indices };
}
