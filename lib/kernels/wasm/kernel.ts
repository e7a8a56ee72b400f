/**
 * What all WebAssembly kernels have in common: each works on a range of its outputs, so that threads can share the work, and finds its arguments
 * in a block of memory, so that any thread can run any kernel from its number alone.
 *
 * @module
 */
import { type Arguments, type Code, F32, I32, type ModuleBuilder, type Parameters } from "./assembler/mod.ts";

/** The processor features that a module may use. */
export interface Features {
  /** Relaxed SIMD: fused multiply-add where the processor has it. */
  readonly relaxed: boolean;
}

/** The part of its outputs that a kernel computes in one call, in units of its own. */
export interface Range {
  /** First unit. */
  readonly start: I32;
  /** First unit after the last. */
  readonly end: I32;
}

/** A module that kernels are added to, and what it may use. */
export interface KernelModule {
  /** The module. */
  readonly module: ModuleBuilder;
  /** The processor features that it may use. */
  readonly features: Features;
  /** The types of each kernel's arguments, by the kernel's name; filled by {@linkcode defineKernel}. */
  readonly signatures: Map<string, readonly boolean[]>;
}

/** Adds the kernel `name` with the given arguments. It is exported as name(start, end, address of the arguments). */
export function defineKernel<P extends Parameters>(
  { module, signatures }: KernelModule,
  name: string,
  parameters: P,
  body: (code: Code, values: Arguments<P>, range: Range) => void,
): void {
  const types = Object.entries(parameters);
  signatures.set(name, types.map(([, type]) => type === F32));
  module.function(
    { start: I32, end: I32, block: I32 },
    (code, { start, end, block }) => {
      const values = types.map(([key, type], index) => [
        key,
        code.let(type === F32 ? block.loadF32(4 * index) : block.loadI32(4 * index)),
      ]);
      body(code, Object.fromEntries(values) as Arguments<P>, { start, end });
    },
    name,
  );
}
