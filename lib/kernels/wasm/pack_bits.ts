/**
 * Projected values as packed codes: comparisons of four values, narrowed to bytes, whose sign bits are the code.
 *
 * @module
 */
import { I16x8, I32, i32, type I32x4, I8x16 } from "./assembler/mod.ts";
import type { Engine } from "./engine.ts";
import { defineKernel, type KernelModule } from "./kernel.ts";

/** About how long a bit takes. */
const nanosecondsPerBit = 0.2;

/** Adds pack_bits; a unit of work is a row. */
export function definePackBits(target: KernelModule): void {
  const parameters = { bits: I32, values: I32, thresholds: I32, out: I32 };
  defineKernel(target, "pack_bits", parameters, (code, p, { start, end }) => {
    const stride = code.let(p.bits.add(7).shiftRight(3));
    code.for(start, end, 1, (index) => {
      const values = code.let(p.values.add(index.multiply(p.bits).shiftLeft(2)));
      const out = code.let(p.out.add(index.multiply(stride)));
      const at = code.let(i32(0));
      /** All ones where one of eight values from `at` on is above its threshold. */
      const eight = (offset: number): I16x8 => {
        const value = values.add(at.shiftLeft(2)), threshold = p.thresholds.add(at.shiftLeft(2));
        const four = (from: number): I32x4 => value.loadF32x4(from).greater(threshold.loadF32x4(from));
        return I16x8.narrow(four(offset), four(offset + 16));
      };
      code.while(at.add(15).below(p.bits), () => {
        code.storeI16(out.add(at.shiftRight(3)), I8x16.narrow(eight(0), eight(32)).signBits());
        code.increase(at, 16);
      });
      code.while(at.below(p.bits), () => {
        const inside = i32(1).shiftLeft(p.bits.subtract(at).minimum(8)).subtract(1);
        code.storeI8(out.add(at.shiftRight(3)), I8x16.narrow(eight(0), I16x8.zero()).signBits().and(inside));
        code.increase(at, 8);
      });
    });
  });
}

/** See {@linkcode Kernels.packBits}. */
export function packBits(
  engine: Engine,
  { values, thresholds, out }: { values: Float32Array; thresholds: Float32Array | Int32Array; out: Uint8Array },
  { rows, bits }: { rows: number; bits: number },
): void {
  const { operands } = engine;
  const floats = thresholds instanceof Float32Array ? thresholds : roundedDown(thresholds);
  const addresses = [operands.input(values, rows * bits), operands.input(floats, bits)];
  addresses.push(operands.output(out, rows * ((bits + 7) >> 3)));
  engine.run("pack_bits", { units: rows, nanoseconds: nanosecondsPerBit * rows * bits }, [bits, ...addresses]);
}

/** For each integer the largest float32 that is not above it: a float32 is above the one when it is above the other. */
function roundedDown(integers: Int32Array): Float32Array {
  const floats = new Float32Array(integers.length), patterns = new Int32Array(floats.buffer);
  for (let index = 0; index < integers.length; index++) {
    const integer = integers[index];
    floats[index] = integer;
    if (floats[index] > integer) patterns[index] += integer > 0 ? -1 : 1;
  }
  return floats;
}
