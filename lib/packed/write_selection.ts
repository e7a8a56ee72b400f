/**
 * Writes selected rows of a projection to a `.pnet` file (FORMAT.md, section 2).
 *
 * @module
 */

import type { Selection } from "../projection/mod.ts";
import { shortestRice } from "./rice.ts";
import type { Writer } from "./writer.ts";

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
