/**
 * The mask of dropout: `hash32` of projection/hash.ts in four lanes, to the bit.
 *
 * @module
 */
import { rowKey } from "../../projection/mod.ts";
import { type Code, F32, I32, type I32x4, i32x4 } from "./assembler/mod.ts";
import type { Engine } from "./engine.ts";
import { defineKernel, type KernelModule } from "./kernel.ts";
import { elementsPerUnit, forVectors, storeLeft } from "./vectors.ts";

/** What a column is multiplied by in `hashColumn`, and the finaliser's factors; see projection/hash.ts. */
const golden = 0x9e3779b9, firstFactor = 0x7feb352d, secondFactor = 0x846ca68b;

/** About how long one entry takes. */
const nanosecondsPerEntry = 1;

/** Adds dropout_mask. */
export function defineDropout(target: KernelModule): void {
  const parameters = { length: I32, out: I32, key: I32, last: I32, kept: F32 };
  defineKernel(target, "dropout_mask", parameters, (code, p, { start, end }) => {
    const key = code.let(p.key.splat()), last = code.let(p.last.splat()), kept = code.let(p.kept.splat());
    const lanes = i32x4(0, golden, Math.imul(2, golden), Math.imul(3, golden));
    const bytes = code.let(end.multiply(elementsPerUnit).minimum(p.length).shiftLeft(2));
    forVectors(code, start.multiply(4 * elementsPerUnit), bytes, (at, left) => {
      const column = at.shiftRight(2).multiply(golden).splat().add(lanes);
      const hash = mix(code, mix(code, column.add(key)).xor(key));
      storeLeft(code, p.out.add(at), kept.where(hash.above(last)), left);
    });
  });
}

function mix(code: Code, value: I32x4): I32x4 {
  const shifted = (x: I32x4, count: number): I32x4 => {
    const number = code.let(x);
    return number.xor(number.shiftRightUnsigned(count));
  };
  const first = shifted(value, 16).multiply(firstFactor);
  return code.let(shifted(shifted(first, 15).multiply(secondFactor), 16));
}

/** See {@linkcode Kernels.dropoutMask}. */
export function dropoutMask(
  engine: Engine,
  out: Float32Array,
  { seed, step, limit, kept }: { seed: number; step: number; limit: number; kept: number },
): void {
  const { length } = out;
  // The kernel drops hashes up to and including `last`.
  const last = Math.ceil(limit) - 1;
  if (!(last >= 0)) {
    out.fill(kept);
    return;
  }
  const address = engine.operands.output(out, length);
  const values = [length, address, rowKey(seed, step), Math.min(last, 2 ** 32 - 1), kept];
  const units = Math.ceil(length / elementsPerUnit);
  engine.run("dropout_mask", { units, nanoseconds: nanosecondsPerEntry * length }, values);
}
