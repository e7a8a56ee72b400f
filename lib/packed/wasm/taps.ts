/**
 * The family taps in WebAssembly: each feature that is not zero is added to the sums of the rows that read it.
 *
 * A row has two sums, one for taps that are added and one for those that are subtracted, so that all taps of a feature are alike. They stand in whole groups, and one
 * loop goes from group to group without asking to which feature they belong: lists of different lengths would cost a mispredicted branch each.
 *
 * @module
 */

import {
  type Code,
  type FunctionReference,
  I32,
  i32,
  i32x4,
  I8x16,
  type ModuleBuilder,
} from "../../kernels/wasm/assembler/mod.ts";
import { sourceRow, tapsRow, type TapsSpec } from "../../projection/mod.ts";
import { type CodeArea, cut, GROUP } from "./code_area.ts";
import type { Layout } from "./layout.ts";

/** Taps in a group. */
const TAPS = 8;
/** Mark of a group that is the last of its feature; places of sums are multiples of 4. */
const LAST = 1;

/**
 * Adds the function that turns a sample of bytes, zeros after the last feature, into its code.
 *
 * @param module gets the function: (address of the sample)
 * @param layout gets the taps by feature
 * @param spec the projection
 * @param area where the code goes
 * @returns the function
 */
export function defineTaps(module: ModuleBuilder, layout: Layout, spec: TapsSpec, area: CodeArea): FunctionReference {
  const { features } = spec;
  const room = 4 * GROUP * Math.ceil(area.bits / GROUP);
  // Behind the sums a place for what only fills a group up.
  const sums = layout.reserve(2 * room + 4);
  const { starts, groups } = listTaps(spec, room);
  const short = 2 * room < 65536;
  const groupTable = layout.place(short ? Uint16Array.from(groups) : groups);
  const bytes = short ? 2 : 4;
  const startTable = layout.place(starts.map((start) => groupTable + bytes * start));
  const terms = layout.reserve(8 * features + 16);

  return module.function({ sample: I32 }, (code, { sample }) => {
    code.for(0, i32(2 * room), 16, (at) => code.store(at, i32x4(0, 0, 0, 0), sums));
    const end = listTerms(code, sample, { features, startTable, terms });
    const term = code.let(i32(0)), group = code.let(term.loadI32(terms));
    // Loaded a round ahead: the way from one group to the next is what takes longest.
    const nextStart = code.let(term.loadI32(terms + 8));
    code.while(term.below(end), () => {
      const value = code.let(term.loadI32(terms + 4));
      const places = Array.from({ length: TAPS }, (_, i) => {
        return code.let(short ? group.loadU16(bytes * i) : group.loadI32(bytes * i));
      });
      const last = code.let(places[0].and(LAST));
      code.set(places[0], places[0].subtract(last));
      for (const place of places) code.storeI32(place, place.loadI32(sums).add(value), sums);
      code.set(group, nextStart.when(last, group.add(bytes * TAPS)));
      code.increase(term, last.shiftLeft(3));
      code.set(nextStart, term.loadI32(terms + 8));
    });
    code.for(0, i32(room), 4 * GROUP, (at) => {
      const values = [0, 16, 32, 48].map((offset) =>
        at.loadF32x4(sums + offset).bits().subtract(at.loadF32x4(sums + room + offset).bits())
      );
      cut(code, area, code.let(at.shiftRight(2)), values);
    });
  });
}

interface Terms {
  features: number;
  /** Address of the addresses of each feature's first group. */
  startTable: number;
  /** Address of the list. */
  terms: number;
}

/** Lists the features that are not zero and have taps: the address of their first group, and their value. Gives the length of the list in bytes. */
function listTerms(code: Code, sample: I32, { features, startTable, terms }: Terms): I32 {
  const end = code.let(i32(0));
  code.for(0, i32(features), 16, (first) => {
    const bytes = code.let(sample.add(first)), starts = code.let(first.shiftLeft(2));
    const left = code.let(I8x16.load(bytes).isNotZero().signBits());
    code.while(left, () => {
      const lane = code.let(left.trailingZeros());
      const start = code.let(starts.add(lane.shiftLeft(2)).loadI32(startTable));
      code.storeI32(end, start, terms);
      code.storeI32(end, bytes.add(lane).loadU8(), terms + 4);
      code.increase(end, 8);
      code.set(left, left.and(left.subtract(1)));
    });
  });
  return end;
}

/** By feature the places of the sums that read it, in whole groups, the last one marked; and where the groups of each feature start. */
function listTaps(spec: TapsSpec, room: number): { starts: Int32Array; groups: Int32Array } {
  const { features, seed, functions, bitsPerFunction } = spec;
  const bits = functions * bitsPerFunction;
  const taps = new Int32Array(spec.taps);
  const starts = new Int32Array(features + 1);
  for (let row = 0; row < bits; row++) {
    tapsRow({ seed, row: sourceRow(spec, row) }, taps, spec);
    for (const tap of taps) starts[(tap ^ (tap >> 31)) + 1]++;
  }
  for (let i = 1; i <= features; i++) starts[i] = starts[i - 1] + Math.max(1, Math.ceil(starts[i] / TAPS)) * TAPS;
  const groups = new Int32Array(starts[features]).fill(2 * room);
  const next = starts.slice();
  for (let row = 0; row < bits; row++) {
    tapsRow({ seed, row: sourceRow(spec, row) }, taps, spec);
    for (const tap of taps) groups[next[tap ^ (tap >> 31)]++] = (tap < 0 ? room : 0) + 4 * row;
  }
  for (let i = 1; i <= features; i++) groups[starts[i] - TAPS] += LAST;
  return { starts, groups };
}
