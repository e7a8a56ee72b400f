/**
 * Reads selected rows of a projection from a `.pnet` file (FORMAT.md, section 2).
 *
 * @module
 */

import { MAX_POOL, type Selection } from "../projection/mod.ts";
import type { Reader } from "./reader.ts";
import { MAX_PARAMETER, shortestRice } from "./rice.ts";

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
  if (shortestRice(indices).parameter !== parameter) reader.fail("indices not in the shortest code", start);
  const used = at;
  while (at & 7) if (take()) reader.fail("padding not zero");
  reader.skip(Math.ceil(used / 8), "indices");
  return { pool, indices };
}
