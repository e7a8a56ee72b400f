/**
 * The family conv in WebAssembly: the sums of eight filters stand in a vector, two taps of each are multiplied and added by one instruction. Windows without a
 * pixel are left out where no filter responds to them.
 *
 * @module
 */

import {
  type Code,
  type FunctionReference,
  I16x8,
  I32,
  i32,
  i32x4,
  I8x16,
  type ModuleBuilder,
} from "../../kernels/wasm/assembler/mod.ts";
import { bitsOf, convCells, convFilter, convLayout, type ConvSpec } from "../../projection/mod.ts";
import { type CodeArea, cut, GROUP } from "./code_area.ts";
import type { Layout } from "./layout.ts";

/** Filters in a vector. */
const FILTERS = 8;
/** Vectors of filters whose sums are kept in registers. */
const VECTORS = 8;
/** Taps whose products with bytes add up within 16 bits, whichever they are: 128 * 255 is below 2^15. */
const EXACT_TAPS = 128;
/** Bytes in a row of a window at most, since its products are written out one by one. */
const MAX_ROW = 64;
/** Positions of a cell at most, since they are counted in 16 bits. */
const MAX_CELL = 65535;

/**
 * Tells whether a convolution is small enough for {@linkcode defineConv}.
 *
 * @param spec the projection
 * @returns true when it is
 */
export function suitsConv({ filter, image, cell }: ConvSpec): boolean {
  return filter * image.channels <= MAX_ROW && cell * cell <= MAX_CELL;
}

/** Options of {@linkcode defineConv}. */
export interface ConvOptions {
  /** Where the code goes. */
  area: CodeArea;
  /** Address of [bits] bytes that receive the counts, when a head reads them. */
  counts?: number;
  /** Whether 16-bit sums may be used where they are exact. */
  unsignedDots: boolean;
}

/**
 * Adds the function that turns a sample of bytes into its code. It reads up to one byte beyond the sample, and multiplies it by zero.
 *
 * @param module gets the function: (address of the sample)
 * @param layout gets the filters
 * @param spec the projection
 * @param options where the code goes, and how
 * @returns the function
 */
export function defineConv(
  module: ModuleBuilder,
  layout: Layout,
  spec: ConvSpec,
  { area, counts, unsignedDots }: ConvOptions,
): FunctionReference {
  const { functions, bitsPerFunction: cells } = spec;
  const countFilters = defineCounting(module, layout, spec, unsignedDots);
  const bits = bitsOf(spec);
  const values = layout.reserve(4 * GROUP * Math.ceil(bits / GROUP));
  return module.function({ sample: I32 }, (code, { sample }) => {
    code.call(countFilters.run, sample);
    // The code goes from cell to cell of a filter.
    const to = code.let(i32(0));
    code.for(0, i32(2 * functions), 2, (filter) => {
      code.for(filter, code.let(filter.add(cells * countFilters.stride)), countFilters.stride, (at) => {
        const count = code.let(at.loadU16(countFilters.counts));
        code.storeI32(to.shiftLeft(2), count, values);
        if (counts !== undefined) code.storeI8(to, count, counts);
        code.increase(to, 1);
      });
    });
    code.for(0, i32(bits), GROUP, (first) => {
      const from = code.let(first.shiftLeft(2));
      cut(code, area, first, [0, 16, 32, 48].map((offset) => code.let(from.loadF32x4(values + offset).bits())));
    });
  });
}

interface Counting {
  /** Counts the responses to a sample. */
  run: FunctionReference;
  /** Address of the counts, 16 bits each, cell by cell. */
  counts: number;
  /** Bytes from the counts of one cell to those of the next. */
  stride: number;
}

function defineCounting(module: ModuleBuilder, layout: Layout, spec: ConvSpec, unsignedDots: boolean): Counting {
  const { functions, bitsPerFunction: cells, image: { width, channels }, filter, stride: step } = spec;
  const { positionsAcross, positionsDown } = convLayout(spec);
  const narrow = unsignedDots && filter * filter * channels <= EXACT_TAPS;
  const groups = Math.ceil(functions / (FILTERS * VECTORS));
  const vectors = Math.ceil(functions / (FILTERS * groups));
  const pairs = Math.ceil(filter * channels / 2), rowBytes = 16 * pairs * vectors;
  const filters = layout.place(layFilters(spec, { groups, vectors, pairs }));
  const thresholds = layout.place(layThresholds(spec, groups * vectors * FILTERS, narrow));
  const stride = 16 * vectors * groups;
  const counts = layout.reserve(cells * stride);
  const { starts, lists } = listCells(spec, counts, stride);
  const startTable = layout.place(starts), listTable = layout.place(lists);
  const isBlank = spec.filterThresholds.every((threshold) => threshold >= 0)
    ? defineBlankTest(layout, spec)
    : undefined;

  const run = module.function({ sample: I32 }, (code, { sample }) => {
    code.for(0, i32(cells * stride), 16, (at) => code.store(at, i32x4(0, 0, 0, 0), counts));
    isBlank?.prepare(code, sample);
    const position = code.let(i32(0)), rowStart = code.let(sample.add(0));
    code.for(0, i32(positionsDown), 1, (down) => {
      const window = code.let(rowStart.add(0));
      code.for(0, i32(positionsAcross), 1, (across) => {
        const respond = (): void => {
          const group = (offset: I32, weights: I32): void => {
            const masks = responses(code, { window, weights, thresholds, offset, vectors, pairs, narrow, spec });
            const end = code.let(position.loadI32(startTable + 4));
            code.for(code.let(position.loadI32(startTable)), end, 4, (entry) => {
              const to = code.let(entry.loadI32(listTable).add(offset));
              masks.forEach((mask, i) => code.store(to, I16x8.load(to, 16 * i).subtract(mask), 16 * i));
            });
          };
          const weights = code.let(i32(filters));
          code.for(0, i32(stride), 16 * vectors, (offset) => {
            group(offset, weights);
            code.increase(weights, filter * rowBytes);
          });
        };
        if (isBlank === undefined) respond();
        else code.if(isBlank.test(code, down, across), () => {}, respond);
        code.increase(window, step * channels);
        code.increase(position, 4);
      });
      code.increase(rowStart, step * width * channels);
    });
  });
  return { run, counts, stride };
}

interface Window {
  /** Address of its first pixel. */
  window: I32;
  /** Address of the group's filters. */
  weights: I32;
  /** Address of all filters' thresholds. */
  thresholds: number;
  /** The group's place among them, 2 bytes a filter. */
  offset: I32;
  vectors: number;
  pairs: number;
  narrow: boolean;
  spec: ConvSpec;
}

/** Which filters of a group respond to a window: -1 where they do, eight in a vector. */
function responses(
  code: Code,
  { window, weights, thresholds, offset, vectors, pairs, narrow, spec }: Window,
): I16x8[] {
  const rowBytes = 16 * pairs * vectors;
  const pixels = code.let(window.add(0));
  const last = code.let(weights.add(spec.filter * rowBytes));
  const rows = (body: (entries: I32) => void): void =>
    code.for(weights, last, rowBytes, (entries) => {
      body(entries);
      code.increase(pixels, spec.image.width * spec.image.channels);
    });
  if (narrow) {
    const sums = Array.from({ length: vectors }, () => code.let(I16x8.zero()));
    rows((entries) => {
      for (let pair = 0; pair < pairs; pair++) {
        const two = code.let(I8x16.splatPair(pixels, 2 * pair));
        sums.forEach((sum, i) => {
          code.set(sum, sum.add(I8x16.load(entries, 16 * (pair * vectors + i)).relaxedDot(two)));
        });
      }
    });
    return sums.map((sum, i) => code.let(sum.greater(I16x8.load(offset, thresholds + 16 * i))));
  }
  const sums = Array.from({ length: 2 * vectors }, () => code.let(i32x4(0, 0, 0, 0)));
  rows((entries) => {
    for (let pair = 0; pair < pairs; pair++) {
      const two = code.let(I8x16.splatPair(pixels, 2 * pair).lowUnsigned());
      sums.forEach((sum, i) => {
        code.set(sum, sum.add(I16x8.loadS8(entries, 16 * pair * vectors + 8 * i).dot(two)));
      });
    }
  });
  const place = code.let(offset.shiftLeft(1));
  const masks = sums.map((sum, i) => sum.greater(place.loadF32x4(thresholds + 16 * i).bits()));
  return Array.from({ length: vectors }, (_, i) => code.let(I16x8.narrow(masks[2 * i], masks[2 * i + 1])));
}

/** The filters group by group, window row by window row, two taps side by side for each of eight filters; a tap that fills up a row is zero. */
function layFilters(
  spec: ConvSpec,
  { groups, vectors, pairs }: { groups: number; vectors: number; pairs: number },
): Int8Array {
  const { functions, filter, image: { channels } } = spec;
  const row = filter * channels, perGroup = FILTERS * vectors;
  const table = new Int8Array(groups * filter * pairs * 2 * perGroup);
  const entries = new Int8Array(filter * row);
  for (let j = 0; j < functions; j++) {
    convFilter(spec, j, entries);
    const group = Math.floor(j / perGroup), place = j % perGroup;
    for (let t = 0; t < entries.length; t++) {
      const y = Math.floor(t / row), x = t % row;
      table[(((group * filter + y) * pairs + (x >> 1)) * perGroup + place) * 2 + (x & 1)] = entries[t];
    }
  }
  return table;
}

/** The thresholds; what fills a group up never responds. */
function layThresholds({ filterThresholds }: ConvSpec, filters: number, narrow: boolean): Int16Array | Int32Array {
  const limit = (threshold: number): number => narrow ? Math.max(-32768, Math.min(32767, threshold)) : threshold;
  const table = (narrow ? new Int16Array(filters) : new Int32Array(filters)).fill(narrow ? 32767 : 0x7fffffff);
  return table.map((never, j) => j < filterThresholds.length ? limit(filterThresholds[j]) : never);
}

/** For each position where the addresses of its cells' counts stand in a list: from `starts[i]` to before `starts[i + 1]`, in bytes. */
function listCells(spec: ConvSpec, counts: number, stride: number): { starts: Int32Array; lists: Int32Array } {
  const { positionsAcross, positionsDown } = convLayout(spec);
  const found = Array.from({ length: positionsAcross * positionsDown }, (): number[] => []);
  convCells(spec).forEach(({ left, right, top, bottom }, cell) => {
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) found[y * positionsAcross + x].push(counts + cell * stride);
    }
  });
  const starts = new Int32Array(found.length + 1);
  found.forEach((cells, position) => starts[position + 1] = starts[position] + 4 * cells.length);
  return { starts, lists: Int32Array.from(found.flat()) };
}

interface BlankTest {
  /** Looks at the whole sample. */
  prepare(code: Code, sample: I32): void;
  /** Whether the window has no pixel that is not zero. */
  test(code: Code, down: I32, across: I32): I32;
}

/** For each row of positions the pixels of their windows' rows are joined by "or", so that a window is one short row. */
function defineBlankTest(layout: Layout, spec: ConvSpec): BlankTest {
  const { image: { width, channels }, filter, stride } = spec;
  const { positionsDown } = convLayout(spec);
  const row = width * channels, bytes = filter * channels;
  const room = 16 * Math.ceil(row / 16);
  const joined = layout.reserve(positionsDown * room + 64);
  return {
    prepare(code, sample) {
      const from = code.let(sample.add(0));
      code.for(0, i32(positionsDown * room), room, (to) => {
        code.for(0, i32(row), 16, (at) => {
          const first = code.let(from.add(at)), pixels = code.let(I8x16.load(first));
          const end = code.let(first.add(filter * row));
          code.for(first, end, row, (next) => code.set(pixels, pixels.or(I8x16.load(next))));
          code.store(to.add(at), pixels, joined);
        });
        code.increase(from, stride * row);
      });
    },
    test(code, down, across) {
      const at = code.let(down.multiply(room).add(across.multiply(stride * channels)));
      const any = code.let(i32(0));
      for (let offset = 0; offset < bytes; offset += 4) {
        const word = at.loadI32(joined + offset), left = bytes - offset;
        code.set(any, any.or(left < 4 ? word.and(2 ** (8 * left) - 1) : word));
      }
      return any.equals(0);
    },
  };
}
