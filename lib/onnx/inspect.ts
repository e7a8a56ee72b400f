/**
 * Where the bytes of an ONNX file go, and what stands in it.
 *
 * @module
 */
import { decodeOnnx } from "./decode.ts";
import { describeShape, type OnnxModel, type OnnxTensor, type OnnxValue } from "./model.ts";
import { readMessage, wireTypes } from "./protobuf.ts";
import { fedInputs } from "./teacher_input.ts";

/** A part of a file. */
export interface OnnxPart {
  /** What it holds. */
  readonly name: "header" | "operations" | "constants" | "inputs and outputs" | "metadata";
  /** Its size; the parts add up to the file. */
  readonly bytes: number;
  /** What it says, in words. */
  readonly detail: string;
}

/** What {@linkcode inspectOnnx} tells. */
export interface OnnxReport {
  /** The parts of the file. */
  readonly parts: readonly OnnxPart[];
  /** How often each operator occurs, the most frequent first. */
  readonly operators: Readonly<Record<string, number>>;
  /** The inputs, such as `input [batch, 28, 28, 1] uint8`. */
  readonly inputs: readonly string[];
  /** The outputs. */
  readonly outputs: readonly string[];
  /** Values of all constants but those of 64-bit integers, which are shapes and axes. */
  readonly parameters: number;
  /** The model as it was read. */
  readonly model: OnnxModel;
}

/** Fields of a graph that hold its operations, constants, and inputs and outputs. */
const graphFields: Readonly<Record<number, OnnxPart["name"]>> = {
  1: "operations",
  5: "constants",
  11: "inputs and outputs",
  12: "inputs and outputs",
};

/**
 * Tells of an ONNX file.
 *
 * @param bytes the whole file
 * @returns parts whose bytes add up to the file's, operators, shapes and the number of parameters
 * @throws {OnnxFormatError} when the bytes are no ONNX model
 */
export function inspectOnnx(bytes: Uint8Array): OnnxReport {
  const model = decodeOnnx(bytes);
  const sizes: Record<OnnxPart["name"], number> = {
    "header": bytes.length,
    "operations": 0,
    "constants": 0,
    "inputs and outputs": 0,
    "metadata": 0,
  };
  const move = (name: OnnxPart["name"], size: number): void => {
    sizes[name] += size;
    sizes.header -= size;
  };
  readMessage({ bytes, start: 0 }, ({ number, wireType, bytes, start }) => {
    if (number === 14) move("metadata", fieldBytes(number, bytes.length));
    if (number !== 7 || wireType !== wireTypes.bytes) return;
    readMessage({ bytes, start }, ({ number, bytes }) => {
      if (Object.hasOwn(graphFields, number)) move(graphFields[number], fieldBytes(number, bytes.length));
    });
  });
  const operators = countOperators(model);
  const [inputs, outputs] = [fedInputs(model), model.outputs].map((values) => values.map(describeValue));
  const parameters = parametersOf(model.initializers);
  const sets = Object.entries(model.operatorSets).map(([domain, version]) => `${domain || "onnx"} ${version}`);
  const details: Record<OnnxPart["name"], string> = {
    "header": `version ${model.irVersion} of the format, operators of ${sets.join(", ") || "no set"}, by ${
      model.producer || "nobody"
    }`,
    "operations": Object.entries(operators).map(([operator, count]) => `${count} ${operator}`).join(", "),
    "constants": `${model.initializers.length} tensors, ${parameters} parameters`,
    "inputs and outputs": `${inputs.join(", ")} -> ${outputs.join(", ")}`,
    "metadata": Object.keys(model.metadata).join(", "),
  };
  const names = Object.keys(sizes) as OnnxPart["name"][];
  return {
    parts: names.map((name) => ({ name, bytes: sizes[name], detail: details[name] })),
    operators,
    inputs,
    outputs,
    parameters,
    model,
  };
}

/** Number of values in constants that are no shapes or axes, which are 64-bit integers, and no single numbers. */
export function parametersOf(initializers: readonly OnnxTensor[]): number {
  return initializers
    .filter(({ type, shape }) => type !== "int64" && shape.length > 0)
    .reduce((sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1), 0);
}

function countOperators({ nodes }: OnnxModel): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { operator, domain } of nodes) {
    const name = domain === "" || domain === "ai.onnx" ? operator : `${domain}.${operator}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}

function describeValue({ name, type, shape }: OnnxValue): string {
  return `${name} ${describeShape(shape)} ${type ?? "of another kind"}`;
}

/** Size of a field with a length: its tag, the length and the bytes. */
function fieldBytes(number: number, length: number): number {
  return varintBytes(8 * number) + varintBytes(length) + length;
}

function varintBytes(value: number): number {
  return Math.max(1, Math.ceil(Math.log2(value + 1) / 7));
}
