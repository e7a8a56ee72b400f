import { assertEquals } from "@std/assert";
import type { Dataset } from "../../mod.ts";
import { describeInput, quantizeRows } from "../../lib/joint/mod.ts";
import { parseTable } from "../../lib/data/table.ts";
import { blobs } from "./fixtures.ts";

function table(rows: number[][]): Dataset {
  const text = rows.map((row, i) => [...row, i % 2].join(",")).join("\n");
  return parseTable(new TextEncoder().encode(text), { file: "rows.csv" });
}

Deno.test("images and tables of even bytes are read as they are", () => {
  const images = blobs(5);
  assertEquals(describeInput(images), { kind: "image", width: 8, height: 8, channels: 1 });
  assertEquals(quantizeRows(describeInput(images), images), images.features);
  const even = table([[0, 16, 3], [16, 0, 5], [7, 9, 1], [2, 4, 0]]);
  assertEquals(describeInput(even), { kind: "table", features: 3, quantization: { rule: "none" } });
});

Deno.test("other tables are scaled column by column, within mean ± 3 deviations; a constant column becomes zero", () => {
  const data = table([[-1.5, 1000, 7], [0, 3000, 7], [1.5, 2000, 7], [0, 2000, 7]]);
  const description = describeInput(data);
  assertEquals(description, {
    kind: "table",
    features: 3,
    quantization: {
      rule: "columns",
      offsets: Float32Array.of(-1.5, 1000, 7),
      scales: Float32Array.of(85, 255 / 2000, 0),
    },
  });
  assertEquals(Array.from(quantizeRows(description, data)), [0, 0, 0, 128, 255, 0, 255, 127, 0, 128, 127, 0]);
});

Deno.test("a column of flags beside one of large bytes is not drowned", () => {
  const data = table(Array.from({ length: 40 }, (_, i) => [i % 2, i * 6 % 251, (i >> 1) % 2]));
  const description = describeInput(data);
  assertEquals(description.kind === "table" && description.quantization.rule, "columns");
});

Deno.test("one flag beside many wide columns is not drowned, and a tiny range does not overflow", () => {
  const wide = table(Array.from({ length: 40 }, (_, i) => [i * 6 % 251, i * 7 % 256, i * 5 % 240, (i >> 1) % 2]));
  const description = describeInput(wide);
  assertEquals(description.kind === "table" && description.quantization.rule, "columns");
  const tiny = describeInput(table([[0, 0.5], [1e-37, 1.5], [0, 0.5], [1e-37, 2]]));
  assertEquals(tiny.kind === "table" && tiny.quantization.rule === "columns" && tiny.quantization.scales[0], 0);
});
