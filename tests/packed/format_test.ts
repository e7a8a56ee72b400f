import { assertEquals, assertNotEquals } from "@std/assert";
import { decodePnet, encodePnet, type PnetModel } from "../../lib/packed/mod.ts";
import { crcReference, EXAMPLE, fileOf } from "./file_builder.ts";
import { crc32 } from "../../lib/packed/format.ts";

const MODEL: PnetModel = {
  input: { kind: "table", features: 3, quantization: { rule: "none" } },
  projection: { family: "taps", seed: 7, features: 3, functions: 1, bitsPerFunction: 3, taps: 2 },
  thresholds: Int32Array.of(4, -6, 0),
  head: [{
    precision: "ternary",
    inputs: 3,
    outputs: 2,
    weights: Int8Array.of(1, 0, -1, -1, 1, 1),
    scales: Float32Array.of(0.5, 0.5),
    bias: Float32Array.of(0, 1),
  }],
  labels: ["no", "yes"],
};

/** The bytes of the example as FORMAT.md prints them: the leading hexadecimal pairs of each line of its code block. */
async function documentedExample(): Promise<Uint8Array> {
  const text = await Deno.readTextFile(new URL("../../lib/packed/FORMAT.md", import.meta.url));
  const block = text.slice(text.indexOf("## Example")).split("```")[1];
  const pairs = block.split("\n").flatMap((line) =>
    /^\s*((?:[0-9a-f]{2} )*[0-9a-f]{2})(?=\s|$)/.exec(line)?.[1].split(" ") ?? []
  );
  return Uint8Array.from(pairs, (pair) => parseInt(pair, 16));
}

Deno.test("FORMAT.md: its example is what the encoder writes and the decoder reads", async () => {
  const documented = await documentedExample();
  assertEquals(documented.length, 48);
  assertEquals([...encodePnet(MODEL)], [...documented]);
  assertEquals(decodePnet(documented), MODEL);
});

Deno.test("FORMAT.md: the example put together by an independent writer is the same file", () => {
  const { input, projection, labels, thresholds, output } = EXAMPLE;
  assertEquals(fileOf(input, projection, labels, thresholds, output), encodePnet(MODEL));
});

Deno.test("crc32: the check value of the standard, and the empty string", () => {
  assertEquals(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
  assertEquals(crc32(new Uint8Array(0)), 0);
});

Deno.test("crc32: equals a bitwise version and notices every changed byte", () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => i * 73);
  const sum = crc32(bytes);
  assertEquals(sum, crcReference(bytes));
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] ^= 1 + i % 255;
    assertNotEquals(crc32(bytes), sum);
    bytes[i] ^= 1 + i % 255;
  }
});
