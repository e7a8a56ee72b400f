import { assertEquals, assertThrows } from "@std/assert";
import { decodeOnnx, float32Values, float64Values } from "../../lib/onnx/decode.ts";
import { OnnxFormatError } from "../../lib/onnx/errors.ts";
import { GraphWriter } from "../../lib/onnx/graph_writer.ts";
import { MessageWriter } from "../../lib/onnx/protobuf.ts";

function small(): Uint8Array {
  const graph = new GraphWriter();
  const x = graph.input("x", { type: "float32", shape: ["batch", 2], denotations: ["DATA_BATCH", "DATA_FEATURE"] });
  const weights = graph.constant("w", Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
  const sums = graph.node("MatMul", [x, weights], { output: "y" });
  graph.output(graph.node("LeakyRelu", [sums], { attributes: { alpha: { float: 0.5 } } }), {
    type: "float32",
    shape: ["batch", 3],
  });
  graph.output(graph.node("Transpose", [sums], { attributes: { perm: [1, 0], axis: -1, mode: "wörd" } }), {
    type: "float32",
    shape: [3, "batch"],
  });
  return graph.finish({ name: "g", documentation: "", metadata: { a: "1", ["__proto__"]: "2" } });
}

/** A model with one tensor of the given fields. */
function withTensor(build: (tensor: MessageWriter) => void): Uint8Array {
  const tensor = new MessageWriter();
  build(tensor);
  const output = new MessageWriter().text(1, "y");
  return new MessageWriter().integer(1, 7).message(7, new MessageWriter().message(5, tensor).message(12, output))
    .finish();
}

Deno.test("a model that was written is read again", () => {
  const model = decodeOnnx(small());
  assertEquals(model.inputs, [{
    name: "x",
    type: "float32",
    shape: ["batch", 2],
    denotations: ["DATA_BATCH", "DATA_FEATURE"],
  }]);
  assertEquals(model.outputs.map(({ name, shape }) => [name, shape]), [["LeakyRelu", ["batch", 3]], ["Transpose", [
    3,
    "batch",
  ]]]);
  const [, leaky, transpose] = model.nodes;
  assertEquals(leaky, {
    operator: "LeakyRelu",
    inputs: ["y"],
    outputs: ["LeakyRelu"],
    attributes: { alpha: { kind: "float", value: 0.5 } },
    domain: "",
  });
  assertEquals(transpose.attributes, {
    perm: { kind: "ints", value: [1, 0] },
    axis: { kind: "int", value: -1 },
    mode: { kind: "string", value: "wörd" },
  });
  assertEquals(Array.from(float32Values(model.initializers[0])), [1, 2, 3, 4, 5, 6]);
  assertEquals(Object.entries(model.metadata), [["a", "1"], ["__proto__", "2"]]);
  assertEquals([model.irVersion, model.operatorSets, model.producer], [7, { "": 13 }, "projectionnet"]);
});

Deno.test("values are read from the fields of their types as from raw data", () => {
  const floats = new MessageWriter().float(1, 1.5).float(1, -2).finish();
  const packedFloats = Uint8Array.of(...floats.subarray(1, 5), ...floats.subarray(6, 10));
  const read = (build: (tensor: MessageWriter) => void): Uint8Array =>
    decodeOnnx(withTensor(build)).initializers[0].bytes;
  const wanted = new Uint8Array(Float32Array.of(1.5, -2).buffer);
  assertEquals(read((tensor) => tensor.integer(1, 2).integer(2, 1).bytes(9, wanted)), wanted);
  assertEquals(read((tensor) => tensor.integer(1, 2).integer(2, 1).bytes(4, packedFloats)), wanted);
  assertEquals(read((tensor) => tensor.integer(1, 2).integer(2, 1).float(4, 1.5).float(4, -2)), wanted);
  assertEquals(
    read((tensor) => tensor.bytes(1, Uint8Array.of(1, 3)).integer(2, 3).integer(5, -1).bytes(5, Uint8Array.of(2, 3))),
    Uint8Array.of(255, 2, 3),
  );
  assertEquals(
    read((tensor) => tensor.integer(1, 2).integer(2, 7).integer(7, -5).integer(7, 2n ** 40n)),
    new Uint8Array(BigInt64Array.of(-5n, 2n ** 40n).buffer),
  );
  assertEquals(
    read((tensor) => tensor.integer(1, 1).integer(2, 5).integer(5, -2)),
    new Uint8Array(Int16Array.of(-2).buffer),
  );
  assertEquals(read((tensor) => tensor.integer(1, 0).integer(2, 1)).length, 0);
  const tensor =
    decodeOnnx(withTensor((tensor) => tensor.integer(2, 11).bytes(9, new Uint8Array(Float64Array.of(0.1).buffer))))
      .initializers[0];
  assertEquals([tensor.shape, Array.from(float64Values(tensor))], [[], [0.1]]);
  assertThrows(() => float32Values(tensor), OnnxFormatError, "is of type float64, wanted float32");
});

Deno.test("tensors that are not what their shape says are refused, before any memory is taken", () => {
  const cases: [build: (tensor: MessageWriter) => void, message: string][] = [
    [
      (tensor) => tensor.integer(1, 3).integer(2, 1).text(8, "w").bytes(9, new Uint8Array(8)),
      '"w" of type float32 and shape [3] has 8 bytes, wanted 12',
    ],
    [(tensor) => tensor.integer(1, 2 ** 31 - 1).integer(1, 2 ** 31 - 1).integer(2, 1), "has 0 bytes"],
    [(tensor) => tensor.integer(1, 2n ** 40n).integer(2, 1), "an axis's length is 1099511627776"],
    [(tensor) => tensor.integer(1, -1).integer(2, 1), "an axis's length is -1"],
    [(tensor) => tensor.bytes(1, new Uint8Array(65).fill(1)).integer(2, 1), "more than 64 axes"],
    [(tensor) => tensor.integer(2, 99).bytes(9, new Uint8Array(4)), "of type 99, which is not known"],
    [(tensor) => tensor.integer(1, 1).integer(2, 1).integer(7, 1), "has its values in field 7"],
  ];
  for (const [build, message] of cases) assertThrows(() => decodeOnnx(withTensor(build)), OnnxFormatError, message);
});

Deno.test("what is no model is refused", () => {
  const graph = new MessageWriter().message(12, new MessageWriter().text(1, "y"));
  const cases: [bytes: Uint8Array, message: string][] = [
    [new Uint8Array(0), "no graph found"],
    [new TextEncoder().encode("PNET and so on"), "wire type"],
    [new MessageWriter().integer(1, 7).finish(), "no graph found"],
    [new MessageWriter().message(7, graph).finish(), "no version of the format"],
    [new MessageWriter().integer(1, 7).message(7, new MessageWriter()).finish(), "without an output"],
    [new MessageWriter().integer(1, 7).integer(7, 1).finish(), "field 7 has the wire type 0"],
    [
      new MessageWriter().integer(1, 7).message(7, new MessageWriter().message(1, new MessageWriter())).finish(),
      "without an operator",
    ],
  ];
  for (const [bytes, message] of cases) assertThrows(() => decodeOnnx(bytes), OnnxFormatError, message);
});

Deno.test("graphs nested without end cost no stack, since what is in attributes is passed over", () => {
  let bytes = new MessageWriter().text(1, "inner").finish();
  for (let depth = 0; depth < 2_000; depth++) {
    const attribute = new MessageWriter().text(1, "body").bytes(6, bytes).integer(20, 5);
    bytes = new MessageWriter().message(1, new MessageWriter().text(4, "If").message(5, attribute)).finish();
  }
  const graph = new MessageWriter().bytes(
    1,
    new MessageWriter().text(4, "If").message(5, new MessageWriter().text(1, "body").bytes(6, bytes).integer(20, 5))
      .finish(),
  )
    .message(12, new MessageWriter().text(1, "y"));
  const { nodes } = decodeOnnx(new MessageWriter().integer(1, 7).message(7, graph).finish());
  assertEquals(nodes[0].attributes, { body: { kind: "other", value: null } });
});
