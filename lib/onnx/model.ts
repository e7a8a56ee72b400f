/**
 * An ONNX model as plain data, in the words of onnx.proto: what this room writes, and what it has to know of a model that others wrote.
 *
 * @module
 */

/** Name of a type of elements. */
export type ElementType =
  | "float32"
  | "uint8"
  | "int8"
  | "uint16"
  | "int16"
  | "int32"
  | "int64"
  | "string"
  | "bool"
  | "float16"
  | "float64"
  | "uint32"
  | "uint64"
  | "complex64"
  | "complex128"
  | "bfloat16";

/** Numbers of the types of elements. */
export const elementTypes: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  complex64: 14,
  complex128: 15,
  bfloat16: 16,
};

/** The values of a tensor that this room writes. */
export type TensorValues = Float32Array | Float64Array | Uint8Array | Int8Array | Int32Array | BigInt64Array;

/** A constant tensor. */
export interface OnnxTensor {
  /** Its name in the graph. */
  readonly name: string;
  /** Type of its elements; a number where it is one that has no name here. */
  readonly type: ElementType | number;
  /** Length of each axis. */
  readonly shape: readonly number[];
  /** The values as they are stored, little-endian; none when they are not in the file. */
  readonly bytes: Uint8Array;
  /** The values stand in another file. */
  readonly external: boolean;
}

/** Value of a node's attribute; `"other"` for kinds that this room does not read (graphs, types). */
export type AttributeValue =
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "ints"; readonly value: readonly number[] }
  | { readonly kind: "other"; readonly value: null };

/** An operation. */
export interface OnnxNode {
  /** The operator's name, such as `Gemm`. */
  readonly operator: string;
  /** Names of what it reads; an empty one is left out. */
  readonly inputs: readonly string[];
  /** Names of what it gives. */
  readonly outputs: readonly string[];
  /** Its attributes by name. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** The set of operators it is of; empty for ONNX's own. */
  readonly domain: string;
}

/** An axis: its length, the name of a length that is not fixed, or null when nothing is said. */
export type Dimension = number | string | null;

/** An input or output of the graph. */
export interface OnnxValue {
  /** Its name. */
  readonly name: string;
  /** Type of its elements; null for what is no tensor. */
  readonly type: ElementType | number | null;
  /** Its axes; null when nothing is said. */
  readonly shape: readonly Dimension[] | null;
  /** What each axis means where the file says so, such as `DATA_CHANNEL`. */
  readonly denotations: readonly string[];
}

/** A model. */
export interface OnnxModel {
  /** Version of the file format. */
  readonly irVersion: number;
  /** What wrote it. */
  readonly producer: string;
  /** Versions of the sets of operators by domain; ONNX's own is "". */
  readonly operatorSets: Readonly<Record<string, number>>;
  /** The operations, each after those it reads. */
  readonly nodes: readonly OnnxNode[];
  /** The constants. */
  readonly initializers: readonly OnnxTensor[];
  /** What is fed, in models of old versions constants included. */
  readonly inputs: readonly OnnxValue[];
  /** What comes out. */
  readonly outputs: readonly OnnxValue[];
  /** What else the file says: `metadata_props`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Name of a type's number, or the number where it has none here. */
export function elementType(number: number): ElementType | number {
  const entry = Object.entries(elementTypes).find(([, value]) => value === number);
  return entry === undefined ? number : entry[0] as ElementType;
}

/** Bits of an element; 0 for strings, undefined for types that are not known here. */
export function elementBits(type: ElementType | number): number | undefined {
  if (typeof type === "number") {
    // Four kinds of 8-bit floats, then two kinds of 4-bit integers.
    return type >= 17 && type <= 20 ? 8 : type === 21 || type === 22 ? 4 : undefined;
  }
  switch (type) {
    case "string":
      return 0;
    case "uint8":
    case "int8":
    case "bool":
      return 8;
    case "float16":
    case "bfloat16":
      return 16;
    default:
      return type === "complex128" ? 128 : Number(/\d+$/.exec(type)![0]);
  }
}

/** A shape for people: `[batch, 28, 28, 1]`. */
export function describeShape(shape: readonly Dimension[] | null): string {
  return shape === null ? "of any shape" : `[${shape.map((axis) => axis ?? "?").join(", ")}]`;
}
