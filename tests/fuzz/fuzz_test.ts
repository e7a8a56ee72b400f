/** A short run of the fuzzer with a fixed seed; `deno task fuzz` runs longer ones. */
import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { DataFormatError } from "../../lib/data/errors.ts";
import "../onnx/run.ts";
import { Dice } from "./dice.ts";
import { describe, fuzz } from "./fuzz.ts";
import { gzipParts } from "./parts.ts";
import { type FuzzReader, READERS } from "./readers.ts";

/** Cases of a reader; more for models, which come from anywhere. */
const RUNS: Record<string, number> = {
  "pnet": 2000,
  "onnx": 1000,
  "saved trainer": 1000,
  "onnx teacher": 50,
  "checkpoint": 500,
};

for (const [name, reader] of Object.entries(READERS)) {
  Deno.test(`fuzz, ${name}: a changed file is read or refused with a typed error, in bounded time and memory`, async () => {
    const runs = RUNS[name] ?? 300, result = await fuzz(name, reader, { seed: 20, runs });
    assertEquals(result.findings.map(({ index, message }) => `case ${index}: ${message}`), []);
    assertEquals(result.read + result.refused, runs);
    // Neither stopped by the first check, nor changed in nothing that counts.
    assertLess(runs / 50, result.read, describe(name, result));
    if (reader.refusals.length > 0) assertLess(runs / 50, result.refused, describe(name, result));
  });
}

/** Reads a byte with a length, so many bytes, and their sum. */
function readSum(bytes: Uint8Array): void {
  const [length] = bytes;
  if (bytes.length < 2) throw new DataFormatError("no length", { file: "x" });
  if (length !== bytes.length - 2) throw new DataFormatError("another length", { file: "x" });
  const sum = bytes.subarray(1, -1).reduce((total, byte) => total + byte & 255, 0);
  if (sum !== bytes.at(-1)) throw new DataFormatError("another sum", { file: "x" });
}

const sums: FuzzReader = {
  seeds: () => [Uint8Array.of(3, 1, 2, 3, 6), Uint8Array.of(2, 9, 9, 18)],
  parts: {
    split: (file) => [file.subarray(1, -1)],
    join: ([body = new Uint8Array(0)]) =>
      Uint8Array.of(body.length, ...body, body.reduce((total, byte) => total + byte & 255, 0)),
  },
  read: readSum,
  refusals: [DataFormatError],
  most: { fixed: 1000, perByte: 10 },
};

Deno.test("fuzz: faults behind a length and a checksum are found, told once, and come again by their number", async () => {
  const faults: [string, (bytes: Uint8Array) => unknown][] = [
    ["RangeError", (bytes) => bytes[1] === 255 && new Uint8Array(-1)],
    ["reading 'x'", (bytes) => bytes.includes(128, 1) && (undefined as unknown as { x: number }).x],
    ["bytes of arrays for", (bytes) => bytes[1] > 200 && new Float64Array(bytes[1] * 1000)],
    ["value NaN", (bytes) => {
      if (bytes[2] === 0) throw new Error("value NaN");
    }],
  ];
  for (const [message, fault] of faults) {
    const read = (bytes: Uint8Array): void => {
      readSum(bytes);
      fault(bytes);
    };
    const found = await fuzz("sums", { ...sums, read }, { seed: 1, runs: 3000 });
    assertEquals(found.findings.length, 1, describe("sums", found));
    const [{ index, count, bytes }] = found.findings;
    assertStringIncludes(found.findings[0].message, message);
    assert(count > 1);
    const files: Uint8Array[] = [];
    const again = await fuzz("sums", { ...sums, read }, {
      ...{ seed: 1, from: index, runs: 1 },
      onFile: (file) => files.push(file),
    });
    assertEquals([again.findings.length, files], [1, [bytes]]);
  }
  const none = await fuzz("sums", sums, { seed: 1, runs: 3000 });
  assertEquals(none.findings, []);
  assertEquals(globalThis.Uint8Array.name, "Uint8Array");
});

Deno.test("fuzz: parts put together again are files that are read", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, { parts, seeds, read }] of Object.entries(READERS)) {
      if (parts === undefined) continue;
      for (const seed of await seeds()) {
        const whole = parts.join(await parts.split(seed));
        if (name === "pnet" || name === "tar") assertEquals(whole, seed, name);
        // What a gzip file holds is not known from without: these two try this and that.
        if (name !== "gzip" && name !== "idx gzip") await read(whole, { dice: new Dice(1, name, 1), folder });
      }
    }
    assertEquals(await gzipParts.split(gzipParts.join([Uint8Array.of(1), Uint8Array.of(2)])), [Uint8Array.of(1, 2)]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
