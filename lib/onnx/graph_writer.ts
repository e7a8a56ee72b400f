/**
 * Builds a graph operation by operation and writes it as an ONNX file (onnx.proto).
 *
 * @module
 */
import { type Dimension, type ElementType, elementTypes, type TensorValues } from "./model.ts";
import { MessageWriter } from "./protobuf.ts";

/** The version of ONNX's operators that is written: one that engines of many years have. */
const operatorSet = 13;
/** The version of the file format that came with it. */
const irVersion = 7;

/** Name of the axis of samples, whose length is not fixed. */
export const batchAxis = "batch";

/** An attribute to be written: an integer, several, a text, or a float32. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

/** Options of an operation with one output. */
export interface NodeOptions {
  /** Its attributes. */
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Name of the output; made from the operator's when left out. */
  readonly output?: string;
}

/** What a file says beside its graph. */
export interface FileDescription {
  /** Name of the graph. */
  readonly name: string;
  /** What it computes, in words. */
  readonly documentation: string;
  /** `metadata_props`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A graph in the making. Its methods give the names by which tensors are known in it. */
export class GraphWriter {
  readonly #nodes: MessageWriter[] = [];
  readonly #initializers = new Map<string, MessageWriter>();
  readonly #inputs: MessageWriter[] = [];
  readonly #outputs: MessageWriter[] = [];
  readonly #names = new Set<string>();

  /** Adds an input of the graph. `denotations` say what its axes mean. */
  input(
    name: string,
    { type, shape, denotations }: { type: ElementType; shape: readonly Dimension[]; denotations?: readonly string[] },
  ): string {
    this.#inputs.push(valueInfo(this.#claim(name), type, shape, denotations));
    return name;
  }

  /** Declares a tensor as output of the graph. */
  output(name: string, { type, shape }: { type: ElementType; shape: readonly Dimension[] }): void {
    this.#outputs.push(valueInfo(name, type, shape));
  }

  /** Adds a constant; a scalar has the shape []. One that has the name already is taken to be the same. */
  constant(name: string, values: TensorValues, shape: readonly number[] = [values.length]): string {
    if (this.#initializers.has(name)) return name;
    const message = new MessageWriter();
    for (const length of shape) message.integer(1, length);
    message.integer(2, elementTypes[typeOf(values)]).text(8, this.#claim(name)).bytes(9, littleEndian(values));
    this.#initializers.set(name, message);
    return name;
  }

  /** Adds a constant under this name, or one made from it when it is taken. */
  parameter(name: string, values: TensorValues, shape: readonly number[]): string {
    return this.constant(this.#free(name), values, shape);
  }

  /** Adds a constant of 64-bit integers, as shapes and axes are. */
  integers(name: string, values: readonly number[]): string {
    return this.constant(name, BigInt64Array.from(values, BigInt));
  }

  /** Adds an operation with one output, whose name is given or made from the operator's. */
  node(
    operator: string,
    inputs: readonly string[],
    { attributes = {}, output = operator }: NodeOptions = {},
  ): string {
    return this.nodes(operator, inputs, { attributes, outputs: [output] })[0];
  }

  /** Adds an operation with several outputs; an empty name is an output that nobody reads. */
  nodes(
    operator: string,
    inputs: readonly string[],
    { attributes = {}, outputs }: { attributes?: Readonly<Record<string, Attribute>>; outputs: readonly string[] },
  ): string[] {
    const message = new MessageWriter();
    for (const input of inputs) message.text(1, input);
    const names = outputs.map((output) => output === "" ? "" : this.#claim(this.#free(output)));
    for (const name of names) message.text(2, name);
    message.text(4, operator);
    for (const [name, value] of Object.entries(attributes)) message.message(5, attribute(name, value));
    this.#nodes.push(message);
    return names;
  }

  /** Converts to another type. */
  cast(input: string, type: ElementType, output?: string): string {
    return this.node("Cast", [input], { attributes: { to: elementTypes[type] }, output });
  }

  /** Adds a reshape; 0 keeps the length of an axis, -1 is what remains. */
  reshape(input: string, shape: readonly number[], output?: string): string {
    return this.node("Reshape", [input, this.integers(`shape_${shape.join("_").replaceAll("-", "m")}`, shape)], {
      output,
    });
  }

  /** The file. */
  finish({ name, documentation, metadata }: FileDescription): Uint8Array<ArrayBuffer> {
    const graph = new MessageWriter();
    for (const node of this.#nodes) graph.message(1, node);
    graph.text(2, name);
    for (const initializer of this.#initializers.values()) graph.message(5, initializer);
    for (const input of this.#inputs) graph.message(11, input);
    for (const output of this.#outputs) graph.message(12, output);
    const model = new MessageWriter().integer(1, irVersion).text(2, "projectionnet").text(6, documentation);
    model.message(7, graph).message(8, new MessageWriter().text(1, "").integer(2, operatorSet));
    for (const [key, value] of Object.entries(metadata)) {
      model.message(14, new MessageWriter().text(1, key).text(2, value));
    }
    return model.finish();
  }

  #free(name: string): string {
    let free = name;
    for (let i = 2; this.#names.has(free); i++) free = `${name}_${i}`;
    return free;
  }

  #claim(name: string): string {
    if (this.#names.has(name)) throw new TypeError(`the name ${name} is taken`);
    this.#names.add(name);
    return name;
  }
}

function attribute(name: string, value: Attribute): MessageWriter {
  const message = new MessageWriter().text(1, name);
  if (typeof value === "number") return message.integer(3, value).integer(20, 2);
  if (typeof value === "string") return message.text(4, value).integer(20, 3);
  if ("float" in value) return message.float(2, value.float).integer(20, 1);
  for (const item of value) message.integer(8, item);
  return message.integer(20, 7);
}

function valueInfo(
  name: string,
  type: ElementType,
  shape: readonly Dimension[],
  denotations: readonly string[] = [],
): MessageWriter {
  const axes = new MessageWriter();
  shape.forEach((length, axis) => {
    const dimension = new MessageWriter();
    if (typeof length === "number") dimension.integer(1, length);
    else if (length !== null) dimension.text(2, length);
    if (denotations[axis] !== undefined) dimension.text(3, denotations[axis]);
    axes.message(1, dimension);
  });
  const tensor = new MessageWriter().integer(1, elementTypes[type]).message(2, axes);
  return new MessageWriter().text(1, name).message(2, new MessageWriter().message(1, tensor));
}

function typeOf(values: TensorValues): ElementType {
  if (values instanceof Float32Array) return "float32";
  if (values instanceof Float64Array) return "float64";
  if (values instanceof Uint8Array) return "uint8";
  if (values instanceof Int8Array) return "int8";
  return values instanceof Int32Array ? "int32" : "int64";
}

/** The values' bytes, which every platform that the library runs on has in the order of the format; a copy, since the memory of tensors may be shared. */
function littleEndian(values: TensorValues): Uint8Array {
  const bytes = new Uint8Array(values.byteLength);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return bytes;
}
