/**
 * A small WebAssembly assembler: typed expressions, function bodies and modules, written in TypeScript and encoded as bytes.
 *
 * An expression is the instructions that compute it; its methods make larger expressions, so that `x.multiply(y).add(1)` reads like the arithmetic it
 * stands for and a value of the wrong type does not compile. Opcodes: WebAssembly Core Specification 3.0, section 5.4.
 *
 * @module
 */
export {
  type Arguments,
  Code,
  type FunctionReference,
  type Imports,
  ModuleBuilder,
  type Parameters,
  type TypeReference,
} from "./module.ts";
export { I16x8, I8x16 } from "./narrow.ts";
export { F32, f32, F32x4, F64x2, I32, i32, I32x4, i32x4, type Pieces, Value, type ValueClass } from "./values.ts";
