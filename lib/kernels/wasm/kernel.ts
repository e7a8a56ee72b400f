/**
 * What all WebAssembly kernels have in common: each works on a range of its outputs, so that threads can share the work, and finds its arguments
 * in a block of memory, so that any thread can run any kernel from its number alone.
 *
 * Loops over arrays of float32 go in vectors of four. The last vector of an array is loaded whole, beyond the array's end (the arena has room behind its last
 * array), and stored lane by lane, so that each element is computed by the same instructions wherever it stands.
 *
 * @module
 */
import {
  type Arguments,
  type Code,
  F32,
  type F32x4,
  type FunctionReference,
  I32,
  i32x4,
  type ModuleBuilder,
  type Parameters,
} from "./assembler/mod.ts";

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

/** Adds the kernel `name` with the given arguments. It is exported as name(start, end, address of the arguments), and so can others call it. */
export function defineKernel<P extends Parameters>(
  { module, signatures }: KernelModule,
  name: string,
  parameters: P,
  body: (code: Code, values: Arguments<P>, range: Range) => void,
): FunctionReference {
  const types = Object.entries(parameters);
  signatures.set(name, types.map(([, type]) => type === F32));
  return module.function(
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

/** Writes arguments of a kernel to the block at an address, for a kernel that calls it; float32 ones as the integers of their bits. */
export function storeArguments<Name extends string>(
  code: Code,
  block: I32,
  parameters: Readonly<Record<Name, unknown>>,
  values: { readonly [K in NoInfer<Name>]?: I32 },
): void {
  Object.keys(parameters).forEach((name, index) => {
    const value = values[name as Name];
    if (value !== undefined) code.storeI32(block, value, 4 * index);
  });
}

/** Visits the offsets `start`...`end` in bytes; `left` is how many bytes remain, at least 4. */
export function forVectors(code: Code, start: I32 | number, end: I32, body: (at: I32, left: I32) => void): void {
  code.for(start, end, 16, (at) => body(at, code.let(end.subtract(at))));
}

/** Stores as many lanes as there are bytes left. */
export function storeLeft(code: Code, address: I32, value: F32x4, left: I32): void {
  const result = code.let(value), to = code.let(address);
  code.if(left.above(15), () => code.store(to, result), () => {
    code.storeLane(to, result);
    for (const lane of [1, 2]) {
      code.if(left.above(4 * lane), () => code.storeLane(to, result, { lane, offset: 4 * lane }));
    }
  });
}

/** All-one lanes where there are bytes left. */
export function lanesLeft(left: I32): ReturnType<typeof i32x4> {
  return left.splat().greater(i32x4(0, 4, 8, 12));
}

/** The combination of the four lanes, in all of them. */
export function acrossLanes(code: Code, value: F32x4, combine: (a: F32x4, b: F32x4) => F32x4): F32x4 {
  const lanes = code.let(value);
  const pairs = code.let(combine(lanes, lanes.shuffle(lanes, [2, 3, 0, 1])));
  return code.let(combine(pairs, pairs.shuffle(pairs, [1, 0, 3, 2])));
}

/** Vectors in a round of the loop of an elementwise kernel: what a round costs beside its vectors is shared by them. */
const unrolled = 4;

/** Elements in a unit of work of an elementwise kernel. */
export const elementsPerUnit = 1024;

/** What the body of an elementwise kernel works with. */
export interface Elements<P extends Parameters> {
  /** The function's statements. */
  readonly code: Code;
  /** The kernel's arguments; float32 ones as vectors of four equal lanes. */
  readonly values: { readonly [K in keyof P]: Arguments<P>[K] extends I32 ? I32 : F32x4 };
  /** Four elements of an array. */
  load(array: I32): F32x4;
  /** Writes four elements of an array. */
  store(array: I32, value: F32x4): void;
}

/** Adds an elementwise kernel; its first argument is the arrays' length. */
export function defineElementwise<P extends Parameters>(
  target: KernelModule,
  name: string,
  parameters: P,
  body: (elements: Elements<P>) => void,
): void {
  defineKernel(target, name, { length: I32, ...parameters }, (code, arguments_, { start, end }) => {
    const values = Object.fromEntries(
      Object.keys(parameters).map((key) => {
        const value = (arguments_ as Record<string, Arguments<P>[string]>)[key];
        return [key, value instanceof I32 ? value : code.let((value as { splat(): F32x4 }).splat())];
      }),
    ) as Elements<P>["values"];
    const length = (arguments_ as { length: I32 }).length;
    const first = code.let(start.multiply(4 * elementsPerUnit));
    const last = code.let(end.multiply(elementsPerUnit).minimum(length).shiftLeft(2));
    const whole = code.let(last.subtract(last.subtract(first).and(16 * unrolled - 1)));
    code.for(first, whole, 16 * unrolled, (at) => {
      for (let offset = 0; offset < 16 * unrolled; offset += 16) {
        body({
          code,
          values,
          load: (array) => code.let(array.add(at).loadF32x4(offset)),
          store: (array, value) => code.store(array.add(at), value, offset),
        });
      }
    });
    forVectors(code, whole, last, (at, left) =>
      body({
        code,
        values,
        load: (array) => code.let(array.add(at).loadF32x4()),
        store: (array, value) => storeLeft(code, array.add(at), value, left),
      }));
  });
}

/** a*b + c. */
export function multiplyAdd(features: Features, a: F32x4, b: F32x4, c: F32x4): F32x4 {
  return features.relaxed ? a.fusedMultiplyAdd(b, c) : a.multiply(b).add(c);
}
