import { assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { DataFormatError } from "../../lib/data/errors.ts";
import { parseIdx, readIdxFile } from "../../lib/data/idx.ts";
import { gzipped, idxBytes, range, withFolder } from "./fixtures.ts";

function failure(bytes: Uint8Array): DataFormatError {
  const error = assertThrows(() => parseIdx(bytes, { file: "some-idx" }));
  assertInstanceOf(error, DataFormatError);
  assertEquals(error.file, "some-idx");
  return error;
}

Deno.test("parseIdx reads dimensions and values", () => {
  const { dimensions, data } = parseIdx(idxBytes([2, 3, 4], range(24)), { file: "f" });
  assertEquals(dimensions, [2, 3, 4]);
  assertEquals([...data], range(24));
});

Deno.test("parseIdx reads from the middle of a buffer", () => {
  const bytes = Uint8Array.from([9, 9, 9, ...idxBytes([3], [7, 8, 9])]);
  assertEquals(parseIdx(bytes.subarray(3), { file: "f" }), { dimensions: [3], data: Uint8Array.of(7, 8, 9) });
});

Deno.test("parseIdx names the byte at which every truncation ends", () => {
  const bytes = idxBytes([2, 3], range(6));
  for (let length = 0; length < bytes.length; length++) assertEquals(failure(bytes.subarray(0, length)).byte, length);
});

Deno.test("parseIdx refuses surplus bytes and says where they begin", () => {
  const error = failure(idxBytes([2, 3], range(8)));
  assertEquals(error.byte, 18);
  assertEquals(
    error.message,
    "some-idx, byte 18: 2 bytes follow the 2x3 values, wanted the end of the file after 18 bytes",
  );
});

Deno.test("parseIdx refuses wrong magic, other types and empty shapes", () => {
  const magic = idxBytes([1], [0]);
  magic[1] = 1;
  assertEquals(failure(magic).byte, 0);
  const float = failure(idxBytes([1], [0, 0, 0, 0], 0x0d));
  assertEquals(float.message, "some-idx, byte 2: the type code is 0d (float32), wanted 08 (unsigned byte)");
  assertEquals(failure(idxBytes([], [])).byte, 3);
  assertEquals(failure(idxBytes([2, 0], [])).byte, 8);
});

Deno.test("parseIdx refuses hostile dimensions without allocating", () => {
  assertEquals(failure(idxBytes([0xffffffff, 0xffffffff, 0xffffffff], [1])).byte, 8);
  assertEquals(failure(idxBytes([0xffffffff], [1])).byte, 9);
  const axes = new Uint8Array(4 + 4 * 255).fill(1);
  axes.set([0, 0, 8, 255]);
  assertInstanceOf(failure(axes), DataFormatError);
});

Deno.test("parseIdx refuses every single-bit change of the header", () => {
  const bytes = idxBytes([2, 3], range(6));
  for (let position = 0; position < 12; position++) {
    for (let bit = 0; bit < 8; bit++) {
      const changed = bytes.slice();
      changed[position] ^= 1 << bit;
      failure(changed);
    }
  }
});

Deno.test("readIdxFile reads plain and gzip alike, whatever the name", async () => {
  await withFolder(async (folder) => {
    const bytes = idxBytes([40, 30], range(1200).map((i) => i % 251));
    await Deno.writeFile(`${folder}/plain.gz`, bytes);
    await Deno.writeFile(`${folder}/compressed`, await gzipped(bytes));
    assertEquals(await readIdxFile(`${folder}/plain.gz`), await readIdxFile(`${folder}/compressed`));
  });
});

Deno.test("readIdxFile bounds gzip by what the header announces", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/f`;
    for (const [announced, present, byte] of [[5, 6, 13], [7, 6, 14], [0xffffffff, 6, 0]]) {
      await Deno.writeFile(path, await gzipped(idxBytes([announced], range(present))));
      const error = await assertRejects(() => readIdxFile(path), DataFormatError);
      assertEquals([error.file, error.byte], [path, byte]);
    }
  });
});
