/**
 * Writes a fully connected network as an ONNX file: just enough of the protocol buffers of onnx.proto (Gemm, Relu, Softmax, operator set 13).
 *
 * @module
 */

/** A fully connected layer. */
export interface GemmLayer {
  /** [inputs × outputs], row-major. */
  readonly weights: Float32Array;
  /** [outputs]. */
  readonly bias: Float32Array;
}

type Bytes = readonly number[] | Uint8Array;

/** The network input → Gemm → Relu → … → Gemm = logits → Softmax = probabilities, for any number of rows. */
export function writeOnnx(layers: readonly GemmLayer[]): Uint8Array {
  const nodes: Uint8Array[] = [], initializers: Uint8Array[] = [];
  let name = "input";
  layers.forEach(({ weights, bias }, i) => {
    const last = i === layers.length - 1;
    const sum = last ? "logits" : `sum${i}`;
    initializers.push(tensor(`weights${i}`, [weights.length / bias.length, bias.length], weights));
    initializers.push(tensor(`bias${i}`, [bias.length], bias));
    nodes.push(node("Gemm", [name, `weights${i}`, `bias${i}`], sum));
    name = last ? sum : `hidden${i}`;
    if (!last) nodes.push(node("Relu", [sum], name));
  });
  nodes.push(node("Softmax", ["logits"], "probabilities"));
  const inputs = layers[0].weights.length / layers[0].bias.length;
  const outputs = layers[layers.length - 1].bias.length;
  const graph = join(
    ...nodes.map((bytes) => field(1, bytes)),
    field(2, text("mlp")),
    ...initializers.map((bytes) => field(5, bytes)),
    field(11, valueInfo("input", inputs)),
    field(12, valueInfo("logits", outputs)),
    field(12, valueInfo("probabilities", outputs)),
  );
  const operators = join(field(1, text("")), number(2, 13));
  return join(number(1, 8), field(7, graph), field(8, operators));
}

function node(operator: string, inputs: readonly string[], output: string): Uint8Array {
  return join(...inputs.map((input) => field(1, text(input))), field(2, text(output)), field(4, text(operator)));
}

const FLOAT = 1;

function tensor(name: string, shape: readonly number[], values: Float32Array): Uint8Array {
  const raw = new Uint8Array(values.slice().buffer);
  return join(...shape.map((size) => number(1, size)), number(2, FLOAT), field(8, text(name)), field(9, raw));
}

/** Rows of any number, so many columns. */
function valueInfo(name: string, columns: number): Uint8Array {
  const shape = join(field(1, field(2, text("rows"))), field(1, number(1, columns)));
  return join(field(1, text(name)), field(2, field(1, join(number(1, FLOAT), field(2, shape)))));
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [value % 128 + 128, ...varint(Math.floor(value / 128))];
}

/** A field that holds bytes: text, a message, raw data. */
function field(tag: number, bytes: Bytes): Uint8Array {
  return join(varint(8 * tag + 2), varint(bytes.length), bytes);
}

/** A field that holds a number. */
function number(tag: number, value: number): Uint8Array {
  return join(varint(8 * tag), varint(value));
}

function join(...parts: readonly Bytes[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
