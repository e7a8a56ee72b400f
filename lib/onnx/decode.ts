/**
 * Reads ONNX files (onnx.proto), those of others included. Only what this project asks a model about is kept; of the rest, the structure is not looked at.
 * Values are not copied, and shapes are compared with the bytes that are there, so that no file can claim more memory than it has.
 *
 * @module
 */
import { OnnxFormatError } from "./errors.ts";
import {
  type AttributeValue,
  describeShape,
  type Dimension,
  elementBits,
  type ElementType,
  elementType,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from "./model.ts";
import {
  eachInteger,
  type Field,
  readInteger,
  readMessage,
  readText,
  type Span,
  wanted,
  wireTypes,
} from "./protobuf.ts";

/** The most axes of a tensor. */
const mostAxes = 64;
/** The longest axis: what a length of 32 bits can say. */
const longestAxis = 0x7fffffff;

/**
 * Decodes an ONNX file.
 *
 * @param bytes the whole file; tensors are views of it
 * @returns the model
 * @throws {OnnxFormatError} when the bytes are no ONNX model, naming the place
 */
export function decodeOnnx(bytes: Uint8Array): OnnxModel {
  const operatorSets: Record<string, number> = {}, metadata: Record<string, string> = {};
  let irVersion = 0, producer = "", graph: Graph | undefined;
  visit({ bytes, start: 0 }, {
    1: (field) => irVersion = count("the version", readInteger(field), field),
    2: (field) => producer = readText(field),
    7: (field) => graph = readGraph(message(field)),
    8: (field) => {
      let domain = "", version = 0;
      visit(message(field), {
        1: (inner) => domain = readText(inner),
        2: (inner) => version = count("the version of operators", readInteger(inner), inner),
      });
      set(operatorSets, domain === "ai.onnx" ? "" : domain, version);
    },
    14: (field) => {
      let key = "", value = "";
      visit(message(field), { 1: (inner) => key = readText(inner), 2: (inner) => value = readText(inner) });
      set(metadata, key, value);
    },
  });
  if (graph === undefined) throw new OnnxFormatError("no graph found");
  if (irVersion < 1) throw new OnnxFormatError("no version of the format found");
  return { irVersion, producer, operatorSets, metadata, ...graph };
}

type Graph = Pick<OnnxModel, "nodes" | "initializers" | "inputs" | "outputs">;

type Visitor = Readonly<Record<number, (field: Field) => void>>;

/** Reads a message, giving each field to the function of its number; others are passed over. */
function visit(span: Span, visitor: Visitor): void {
  readMessage(span, (field) => {
    if (Object.hasOwn(visitor, field.number)) visitor[field.number](field);
  });
}

function message(field: Field): Span {
  return wanted(field, wireTypes.bytes);
}

/** Sets a key of a record, whatever it is called. */
function set<T>(record: Record<string, T>, key: string, value: T): void {
  Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
}

function count(what: string, value: bigint, { start }: Field): number {
  if (value < 0n || value > BigInt(longestAxis)) {
    throw new OnnxFormatError(`${what} is ${value}, wanted 0...${longestAxis}`, start);
  }
  return Number(value);
}

function readGraph(span: Span): Graph {
  const nodes: OnnxNode[] = [], initializers: OnnxTensor[] = [], inputs: OnnxValue[] = [], outputs: OnnxValue[] = [];
  visit(span, {
    1: (field) => nodes.push(readNode(message(field))),
    5: (field) => initializers.push(readTensor(message(field))),
    11: (field) => inputs.push(readValue(message(field))),
    12: (field) => outputs.push(readValue(message(field))),
  });
  if (outputs.length === 0) throw new OnnxFormatError("a graph without an output", span.start);
  return { nodes, initializers, inputs, outputs };
}

function readNode(span: Span): OnnxNode {
  const inputs: string[] = [], outputs: string[] = [], attributes: Record<string, AttributeValue> = {};
  let operator = "", domain = "";
  visit(span, {
    1: (field) => inputs.push(readText(field)),
    2: (field) => outputs.push(readText(field)),
    4: (field) => operator = readText(field),
    5: (field) => {
      const [name, value] = readAttribute(message(field));
      set(attributes, name, value);
    },
    7: (field) => domain = readText(field),
  });
  if (operator === "") throw new OnnxFormatError("a node without an operator", span.start);
  return { operator, inputs, outputs, attributes, domain };
}

function readAttribute(span: Span): [name: string, value: AttributeValue] {
  let name = "", float = 0, int = 0, text = "", kind = 0;
  const ints: number[] = [];
  visit(span, {
    1: (field) => name = readText(field),
    2: (field) => {
      const { bytes } = wanted(field, wireTypes.fixed32);
      float = new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true);
    },
    3: (field) => int = Number(readInteger(field)),
    // A text by name only: it may hold any bytes.
    4: (field) => text = new TextDecoder().decode(wanted(field, wireTypes.bytes).bytes),
    8: (field) => eachInteger(field, (value) => ints.push(Number(BigInt.asIntN(64, value)))),
    20: (field) => kind = count("the kind of an attribute", readInteger(field), field),
  });
  switch (kind) {
    case 1:
      return [name, { kind: "float", value: float }];
    case 2:
      return [name, { kind: "int", value: int }];
    case 3:
      return [name, { kind: "string", value: text }];
    case 7:
      return [name, { kind: "ints", value: ints }];
    default:
      return [name, { kind: "other", value: null }];
  }
}

/** Fields of a tensor that hold values as the wire format has them, and the types that are stored there beside `raw_data`. */
const typedFields: Readonly<Record<number, readonly (ElementType | number)[]>> = {
  4: ["float32", "complex64"],
  5: ["int32", "int16", "int8", "uint16", "uint8", "bool", "float16", "bfloat16"],
  7: ["int64"],
  10: ["float64", "complex128"],
  11: ["uint32", "uint64"],
};

function readTensor(span: Span): OnnxTensor {
  const shape: number[] = [];
  let type = 0 as ElementType | number, name = "", external = false;
  let raw: Uint8Array | undefined, typedField = 0;
  const noteField = ({ number }: Field): void => {
    typedField = number;
  };
  visit(span, {
    1: (field) => {
      eachInteger(field, (value) => {
        shape.push(axis(value, field));
        if (shape.length > mostAxes) throw new OnnxFormatError(`a tensor of more than ${mostAxes} axes`, field.start);
      });
    },
    2: (field) => type = elementType(count("the type of elements", readInteger(field), field)),
    8: (field) => name = readText(field),
    9: (field) => raw = wanted(field, wireTypes.bytes).bytes,
    14: (field) => external = readInteger(field) === 1n,
    ...Object.fromEntries(Object.keys(typedFields).map((number) => [number, noteField])),
  });
  const fail = (what: string): never => {
    throw new OnnxFormatError(`tensor ${JSON.stringify(name)} ${what}`, span.start);
  };
  const bits = elementBits(type) ?? fail(`has elements of type ${type}, which is not known`);
  if (external || type === "string") return { name, type, shape, bytes: new Uint8Array(0), external };
  const size = Math.ceil(shape.reduce((product, length) => product * length, 1) * bits / 8);
  if (raw === undefined && typedField !== 0) {
    if (!typedFields[typedField].includes(type)) fail(`of type ${type} has its values in field ${typedField}`);
    raw = joinTyped(span, { field: typedField, bytesOfElement: bits / 8 });
  }
  const bytes = raw ?? new Uint8Array(0);
  if (bytes.length !== size) {
    fail(`of type ${type} and shape ${describeShape(shape)} has ${bytes.length} bytes, wanted ${size}`);
  }
  return { name, type, shape, bytes, external };
}

/** The values of a field of their type, as `raw_data` would have them. */
function joinTyped(
  span: Span,
  { field: number, bytesOfElement }: { field: number; bytesOfElement: number },
): Uint8Array {
  const isFixed = number === 4 || number === 10;
  let size = 0;
  visit(span, {
    [number]: (field) => isFixed ? size += field.bytes.length : eachInteger(field, () => size += bytesOfElement),
  });
  const joined = new Uint8Array(size), view = new DataView(joined.buffer);
  let at = 0;
  const write = (integer: bigint): void => {
    if (bytesOfElement === 8) view.setBigUint64(at, integer, true);
    else if (bytesOfElement === 4) view.setUint32(at, Number(integer & 0xffffffffn), true);
    else if (bytesOfElement === 2) view.setUint16(at, Number(integer & 0xffffn), true);
    else view.setUint8(at, Number(integer & 0xffn));
    at += bytesOfElement;
  };
  visit(span, {
    [number]: (field) => {
      if (!isFixed) return eachInteger(field, write);
      joined.set(field.bytes, at);
      at += field.bytes.length;
    },
  });
  return joined;
}

function axis(value: bigint, field: Field): number {
  return count("an axis's length", BigInt.asIntN(64, value), field);
}

function readValue(span: Span): OnnxValue {
  let name = "", type: OnnxValue["type"] = null, shape: Dimension[] | null = null;
  const denotations: string[] = [];
  const readShape = (field: Field): void => {
    const axes: Dimension[] = shape = [];
    visit(message(field), {
      1: (dimension) => {
        if (axes.length >= mostAxes) throw new OnnxFormatError(`more than ${mostAxes} axes`, dimension.start);
        let length: Dimension = null, meaning = "";
        visit(message(dimension), {
          // Some writers say "not fixed" by a length of -1 or 0.
          1: (inner) => length = readInteger(inner) < 1n ? null : axis(inner.integer, inner),
          2: (inner) => length = readText(inner) || null,
          3: (inner) => meaning = readText(inner),
        });
        axes.push(length);
        denotations.push(meaning);
      },
    });
  };
  visit(span, {
    1: (field) => name = readText(field),
    2: (field) =>
      visit(message(field), {
        1: (tensor) =>
          visit(message(tensor), {
            1: (inner) => type = elementType(count("the type of elements", readInteger(inner), inner)),
            2: readShape,
          }),
      }),
  });
  return { name, type, shape, denotations };
}

/** The values of a tensor of float32. Throws {@linkcode OnnxFormatError} when it has another type. */
export function float32Values(tensor: OnnxTensor): Float32Array {
  return new Float32Array(alignedBytes(tensor, "float32"));
}

/** The values of a tensor of float64. Throws {@linkcode OnnxFormatError} when it has another type. */
export function float64Values(tensor: OnnxTensor): Float64Array {
  return new Float64Array(alignedBytes(tensor, "float64"));
}

/** A copy of the values' bytes, since those of the file may begin anywhere. */
function alignedBytes({ name, type, bytes }: OnnxTensor, wanted: ElementType): ArrayBuffer {
  if (type !== wanted) throw new OnnxFormatError(`tensor ${JSON.stringify(name)} is of type ${type}, wanted ${wanted}`);
  return bytes.slice().buffer as ArrayBuffer;
}
