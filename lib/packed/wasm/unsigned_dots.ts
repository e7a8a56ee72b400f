/**
 * A look at how the platform multiplies: relaxed SIMD leaves open what a dot product of bytes makes of factors above 127. Intel's and AMD's processors take them
 * as they are, and then half as many instructions do the work of a projection. What is found holds for all code of the process.
 *
 * @module
 */

import { I32, I8x16, ModuleBuilder } from "../../kernels/wasm/assembler/mod.ts";

let found: boolean | undefined;

/**
 * Tells whether `relaxedDot` multiplies signed with unsigned bytes exactly as long as the sums stay within 16 bits, by trying it once.
 *
 * @returns true when it does; false when it does not, or there are no such instructions
 */
export function hasUnsignedDots(): boolean {
  return found ??= tryDots();
}

const SIGNED = 0, UNSIGNED = 4096, RESULT = 8192, PAIRS = 1024;

function tryDots(): boolean {
  const module = new ModuleBuilder({ sharedMemory: false, globals: [] });
  module.function({ end: I32 }, (code, { end }) => {
    code.for(0, end, 16, (at) => {
      code.store(at, I8x16.load(at, SIGNED).relaxedDot(I8x16.load(at, UNSIGNED)), RESULT);
    });
  }, "dots");
  const bytes = module.encode();
  if (!WebAssembly.validate(bytes)) return false;
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const signed = new Int8Array(memory.buffer, SIGNED, 2 * PAIRS);
  const unsigned = new Uint8Array(memory.buffer, UNSIGNED, 2 * PAIRS);
  const result = new Int16Array(memory.buffer, RESULT, PAIRS);
  // Every byte with factors from -64 to 64, the two of a pair with the same and with different signs.
  for (let i = 0; i < 2 * PAIRS; i++) {
    unsigned[i] = i >> 1;
    signed[i] = [64, 64, -64, -64, 1, -1, -63, 17][(i & 1) + 2 * (i >> 9)];
  }
  (exports as { dots(end: number): void }).dots(2 * PAIRS);
  return result.every((sum, i) => sum === signed[2 * i] * unsigned[2 * i] + signed[2 * i + 1] * unsigned[2 * i + 1]);
}
