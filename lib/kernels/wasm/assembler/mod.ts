/**
 * A small WebAssembly assembler: typed expressions, function bodies and modules, written in TypeScript and encoded as bytes.
 *
 * An expression is the instructions that compute it; its methods make larger expressions, so that `x.multiply(y).add(1)` reads like the arithmetic it
 * stands for and a value of the wrong type does not compile. Opcodes: WebAssembly Core Specification 3.0, section 5.4.
 *
 * @module
 */
export { Code, type FunctionReference, type TypeReference } from "./code.ts";
export { type Arguments, type Imports, ModuleBuilder, type Parameters } from "./module.ts";
export { I16x8, I8x16 } from "./narrow.ts";
export { F32, f32, I32, i32 } from "./scalar_values.ts";
export { type Pieces, Value, type ValueClass } from "./value.ts";
export { F32x4, F64x2, I32x4, i32x4 } from "./vector_values.ts";
