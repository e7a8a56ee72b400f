/**
 * A small WebAssembly assembler: typed expressions, function bodies and modules, written in TypeScript and encoded as bytes.
 *
 * @module
 */
export { Code, type FunctionReference, type TypeReference } from "./code.ts";
export { type Arguments, type Imports, ModuleBuilder, type Parameters } from "./module.ts";
export { I16x8, I8x16 } from "./narrow.ts";
export { F32, f32, F32x4, F64x2, I32, i32, I32x4, i32x4, Value, type ValueClass } from "./values.ts";
