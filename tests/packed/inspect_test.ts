import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { encodePnet, inspectPnet, PnetFormatError } from "../../lib/packed/mod.ts";
import { EXAMPLE, fileOf } from "./file_builder.ts";
import { FAMILIES, HEADS, INPUTS, makeModel } from "./models.ts";

Deno.test("inspectPnet: the parts of the example", () => {
  const { input, projection, labels, thresholds, output } = EXAMPLE;
  assertEquals(inspectPnet(fileOf(input, projection, labels, thresholds, output)), [
    { name: "header", bytes: 6, detail: "version 1, 48 bytes" },
    { name: "input", bytes: 4, detail: "table of 3 columns, quantization none" },
    { name: "projection", bytes: 7, detail: "taps of 2, 1x3 bits of 3 features, seed 7" },
    { name: "labels", bytes: 10, detail: "2 labels" },
    { name: "thresholds", bytes: 6, detail: "3 thresholds" },
    {
      name: "output layer",
      bytes: 11,
      detail: "3 -> 2, ternary, 2 bytes of plain weights, entropy 1 bytes, 9 bytes of scales, biases and shape",
    },
    { name: "checksum", bytes: 4, detail: "CRC-32" },
  ]);
});

Deno.test("inspectPnet: the bytes of the parts add up to the file", () => {
  for (const projection of FAMILIES) {
    for (const input of INPUTS) {
      for (const head of [["int8"], ["float", "ternary"]] as const) {
        for (const width of [0, 7]) {
          const bytes = encodePnet(makeModel({ projection, input, head: [...head], width }));
          const parts = inspectPnet(bytes);
          assertEquals(parts.reduce((sum, part) => sum + part.bytes, 0), bytes.length);
          assertEquals(parts.some((part) => part.name === "hidden layer"), head.length === 2);
          const counts = "reads" in projection;
          assertEquals(parts.some((part) => part.name === "thresholds"), width > 0 && !counts);
        }
      }
    }
  }
});

Deno.test("inspectPnet: the bytes of the parts add up for every head", () => {
  for (const head of HEADS) {
    const bytes = encodePnet(makeModel({ head, width: 7 }));
    assertEquals(inspectPnet(bytes).reduce((sum, part) => sum + part.bytes, 0), bytes.length, head.join());
  }
});

Deno.test("inspectPnet: says what selected rows and filter thresholds take", () => {
  const conv = { family: "conv", filter: 1, stride: 1, cell: 2, cellStride: 1 } as const;
  const functions = 50;
  const sectionOf = (pool?: number) =>
    inspectPnet(encodePnet(makeModel({ projection: { ...conv, pool }, functions })))
      .find(({ name }) => name === "projection")!;
  const plain = sectionOf(), selected = sectionOf(1000);
  // 50 thresholds, the multiples of 40 from −40 to 1920: of 8, −5 to 240, in nine bits each.
  assertMatch(plain.detail, /seed \d+, 57 bytes of filter thresholds$/);
  const [, bytes] = /, selected from 1000 in (\d+) bytes, 57 bytes of filter thresholds$/.exec(selected.detail)!;
  // Beside the rows themselves the pool, in two bytes, and the Rice parameter.
  assertEquals(selected.bytes - plain.bytes, Number(bytes) + 3);
});

Deno.test("inspectPnet: says how each layer is stored", () => {
  const model = makeModel({ head: ["int4 tables", "binary"], functions: 20, bitsPerFunction: 3, hidden: 5 });
  const weights = model.head[0].weights.fill(0);
  weights.subarray(0, 100).fill(1);
  const parts = inspectPnet(encodePnet(model));
  const hidden = parts.find(({ name }) => name === "hidden layer")!;
  const [, coded, rest] =
    /^20 tables of 8 rows -> 5, int4, (\d+) bytes of coded weights \(plain 400\), entropy 54 bytes, (\d+) bytes of/
      .exec(hidden.detail)!;
  assertEquals(Number(coded) + Number(rest), hidden.bytes);
  // Section tag, length, outputs, forms, five scales and five biases as float32.
  assertEquals(Number(rest), 1 + 1 + 1 + 1 + 40);
  assertMatch(parts.at(-2)!.detail, /^5 -> 3, binary, 2 bytes of plain weights, entropy \d bytes, 27 bytes of/);
});

Deno.test("inspectPnet: refuses a broken file", () => {
  assertThrows(() => inspectPnet(new Uint8Array(20)), PnetFormatError);
});
