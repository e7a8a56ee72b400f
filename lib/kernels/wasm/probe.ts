/**
 * What the engine can do, found out by asking it whether tiny modules are valid.
 *
 * @module
 */
import { f32, I32, i32, ModuleBuilder } from "./assembler/mod.ts";

/** The instruction sets that the kernels may use. */
export type InstructionSet = "simd" | "relaxed-simd";

/** Whether this platform runs WebAssembly with these instructions. */
export function supports(set: InstructionSet): boolean {
  if (typeof WebAssembly === "undefined") return false;
  const module = new ModuleBuilder({ sharedMemory: false, globals: [] });
  module.function({ address: I32 }, (code) => {
    const four = f32(1).splat();
    code.store(i32(0), set === "simd" ? four.add(four) : four.fusedMultiplyAdd(four, four));
  });
  return WebAssembly.validate(module.encode());
}
