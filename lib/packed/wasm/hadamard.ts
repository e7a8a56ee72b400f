/**
 * The family hadamard in WebAssembly: the three rounds of FORMAT.md in vectors of four 32-bit integers.
 *
 * Each round goes over the values in passes that treat two or three bits of the index, highest first, and ends with one pass for the four lowest, two of which
 * number the lanes of a vector. The last pass leaves the three lowest bits of the index rotated, which saves shuffles; the signs of the next rounds are laid out
 * for that, and after three rounds the order is the natural one again. The first pass of all works on 16-bit integers, which hold a sum of eight bytes.
 *
 * @module
 */

import {
  type Code,
  type FunctionReference,
  I16x8,
  I32,
  i32,
  type I32x4,
  type ModuleBuilder,
} from "../../kernels/wasm/assembler/mod.ts";
import { hadamardBlocks, hadamardPlan, type HadamardSpec, signRow, sourceRow } from "../../projection/mod.ts";
import { type CodeArea, cut, GROUP } from "./code_area.ts";
import type { Layout } from "./layout.ts";

/** A vector that can be added. */
interface Addable {
  add(other: this): this;
  subtract(other: this): this;
}

/**
 * Adds the function that turns a sample of N bytes, zeros after the n features, into its code.
 *
 * @param module gets the function: (address of the sample)
 * @param layout gets the signs
 * @param spec the projection
 * @param area where the code goes
 * @returns the function
 */
export function defineHadamard(
  module: ModuleBuilder,
  layout: Layout,
  spec: HadamardSpec,
  area: CodeArea,
): FunctionReference {
  const { size, shifts } = hadamardPlan(spec.features);
  const values = layout.reserve(4 * size);
  const blocks = hadamardBlocks(spec);
  const signTable = placeSigns(layout, spec, size);
  const passes = stagesOfPasses(Math.log2(size) - 4);
  const choice = spec.selection === undefined ? undefined : placeChoice(layout, spec, { size, values });

  return module.function({ sample: I32 }, (code, { sample }) => {
    const signs = code.let(i32(signTable)), bit = code.let(i32(0)), block = code.let(i32(0));
    code.for(0, i32(size * blocks.length), size, (first) => {
      const wanted = code.let(
        choice === undefined ? i32(area.bits).subtract(first).minimum(size).shiftLeft(2) : i32(4 * size),
      );
      for (let round = 0; round < 3; round++) {
        const end = round < 2 ? i32(4 * size) : wanted;
        let stride = size >> passes[0];
        if (round === 0) firstPass(code, { sample, signs, values, stride, size, features: spec.features });
        else signedPass(code, { signs, values, stride, size, shift: shifts[round] });
        code.increase(signs, (round === 0 ? 2 : 4) * size);
        for (const stages of passes.slice(1)) {
          pass(code, { values, stride: stride >> stages, block: stride, end });
          stride >>= stages;
        }
        lastPass(
          code,
          { values, end },
          round < 2 || choice !== undefined ? undefined : (at, lanes) => {
            cut(code, area, code.let(first.add(at.shiftRight(2))), lanes);
          },
        );
      }
      if (choice === undefined) return;
      const end = code.let(block.loadI32(choice.ends));
      code.while(bit.below(end), () => {
        code.storeI32(bit, bit.loadI32(choice.outputs).loadI32(), choice.chosen);
        code.increase(bit, 4);
      });
      code.increase(block, 4);
    });
    if (choice === undefined) return;
    code.for(0, i32(area.bits), GROUP, (first) => {
      const from = code.let(first.shiftLeft(2));
      cut(code, area, first, [0, 16, 32, 48].map((at) => code.let(from.loadF32x4(choice.chosen + at).bits())));
    });
  });
}

/** Where selected outputs are found and gathered. */
interface Choice {
  /** Address of the addresses of the code's outputs, each in its block's values. */
  outputs: number;
  /** Address of the block by block number of bits up to and with it, times 4. */
  ends: number;
  /** Address that receives the outputs of the code. */
  chosen: number;
}

function placeChoice(
  layout: Layout,
  spec: HadamardSpec,
  { size, values }: { size: number; values: number },
): Choice {
  const bits = spec.selection!.indices.length;
  return {
    outputs: layout.place(Int32Array.from({ length: bits }, (_, k) => values + 4 * (sourceRow(spec, k) & (size - 1)))),
    ends: layout.place(Int32Array.from(hadamardBlocks(spec), ({ end }) => 4 * end)),
    chosen: layout.reserve(4 * GROUP * Math.ceil(bits / GROUP)),
  };
}

/** How many of so many bits each pass treats: threes, and twos as far as needed. */
function stagesOfPasses(bits: number): number[] {
  if (bits === 0) return [];
  const stages = bits % 3 === 0 ? 3 : 2;
  return [stages, ...stagesOfPasses(bits - stages)];
}

/** Block by block the masks of the three rounds, -1 where a sign is changed: 16 bits each for the first, 32 for the others. */
function placeSigns(layout: Layout, spec: HadamardSpec, size: number): number {
  const { seed } = spec;
  const blocks = hadamardBlocks(spec);
  const table = new Int16Array(5 * size * blocks.length);
  const signs = new Int8Array(size);
  let at = 0;
  for (const { block } of blocks) {
    for (let round = 0; round < 3; round++) {
      signRow({ seed, row: 3 * block + round }, signs);
      for (let i = 0; i < size; i++) {
        let low = i & 7;
        for (let turn = 0; turn < round; turn++) low = ((low & 1) << 2) | (low >> 1);
        const mask = signs[(i & ~7) | low] >> 1;
        table[at++] = mask;
        if (round > 0) table[at++] = mask;
      }
    }
  }
  return layout.place(table);
}

interface FirstPass {
  sample: I32;
  signs: I32;
  values: number;
  stride: number;
  size: number;
  features: number;
}

/** Reads bytes, changes signs, treats the highest bits and writes 32-bit integers. */
function firstPass(code: Code, { sample, signs, values, stride, size, features }: FirstPass): void {
  code.for(0, i32(stride), 8, (i) => {
    const bytes = code.let(sample.add(i)), masks = code.let(signs.add(i.shiftLeft(1))), out = code.let(i.shiftLeft(2));
    const vectors: (I16x8 | undefined)[] = [];
    for (let first = 0; first < size; first += stride) {
      if (first >= features) vectors.push(undefined);
      else {
        const mask = code.let(I16x8.load(masks, 2 * first));
        vectors.push(code.let(I16x8.loadU8(bytes, first).xor(mask).subtract(mask)));
      }
    }
    butterflies(code, vectors).forEach((vector, j) => {
      const at = values + 4 * stride * j;
      code.store(out, vector.low(), at);
      code.store(out, vector.high(), at + 16);
    });
  });
}

interface SignedPass {
  signs: I32;
  values: number;
  stride: number;
  size: number;
  shift: number;
}

/** Shifts, changes signs and treats the highest bits. */
function signedPass(code: Code, { signs, values, stride, size, shift }: SignedPass): void {
  code.for(0, i32(4 * stride), 16, (at) => {
    const masks = code.let(signs.add(at));
    const vectors: I32x4[] = [];
    for (let first = 0; first < size; first += stride) {
      const mask = code.let(masks.loadF32x4(4 * first).bits());
      const value = at.loadF32x4(values + 4 * first).bits();
      const shifted = shift > 0 ? value.add(2 ** (shift - 1)).shiftRight(shift) : value;
      vectors.push(code.let(shifted.xor(mask).subtract(mask)));
    }
    butterflies(code, vectors).forEach((vector, j) => code.store(at, vector, values + 4 * stride * j));
  });
}

interface Pass {
  values: number;
  /** Distance of the elements of a butterfly. */
  stride: number;
  /** Elements in a block that a higher pass has split off. */
  block: number;
  /** Blocks that start before this many bytes are treated. */
  end: I32;
}

function pass(code: Code, { values, stride, block, end }: Pass): void {
  code.for(0, end, 4 * block, (start) => {
    const last = code.let(start.add(4 * stride));
    code.for(start, last, 16, (at) => {
      const vectors: I32x4[] = [];
      for (let first = 0; first < block; first += stride) {
        vectors.push(code.let(at.loadF32x4(values + 4 * first).bits()));
      }
      butterflies(code, vectors).forEach((vector, j) => code.store(at, vector, values + 4 * stride * j));
    });
  });
}

/** Treats the four lowest bits; gives the results to `take` or writes them back. */
function lastPass(
  code: Code,
  { values, end }: { values: number; end: I32 },
  take?: (at: I32, lanes: I32x4[]) => void,
): void {
  code.for(0, end, 4 * GROUP, (at) => {
    const vectors = [0, 1, 2, 3].map((j) => code.let(at.loadF32x4(values + 16 * j).bits()));
    const [a, b, c, d] = butterflies(code, vectors);
    const lanes = [...crossLanes(code, a, b), ...crossLanes(code, c, d)];
    if (take !== undefined) take(at, lanes);
    else lanes.forEach((vector, j) => code.store(at, vector, values + 16 * j));
  });
}

/** Treats the two bits that number the lanes; they move up by one place, and the bit that numbers the two vectors to the lowest. */
function crossLanes(code: Code, a: I32x4, b: I32x4): I32x4[] {
  const even = (x: I32x4, y: I32x4): I32x4 => code.let(x.asFloats().shuffle(y.asFloats(), [0, 2, 4, 6]).bits());
  const odd = (x: I32x4, y: I32x4): I32x4 => code.let(x.asFloats().shuffle(y.asFloats(), [1, 3, 5, 7]).bits());
  let pair = [a, b];
  for (let bit = 0; bit < 2; bit++) pair = butterflies(code, [even(pair[0], pair[1]), odd(pair[0], pair[1])]);
  return pair;
}

/** Sums and differences of vectors, two or three bits of their number; undefined ones, which stand last, are zero. */
function butterflies<V extends Addable & Parameters<Code["let"]>[0]>(
  code: Code,
  vectors: readonly (V | undefined)[],
): V[] {
  const values = [...vectors];
  for (let distance = values.length >> 1; distance > 0; distance >>= 1) {
    for (let i = 0; i < values.length; i++) {
      const a = values[i], b = values[i + distance];
      if ((i & distance) > 0 || a === undefined) continue;
      if (b === undefined) values[i + distance] = a;
      else [values[i], values[i + distance]] = [code.let(a.add(b)), code.let(a.subtract(b))];
    }
  }
  return values as V[];
}
