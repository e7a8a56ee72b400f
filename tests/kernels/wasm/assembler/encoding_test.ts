import { assertEquals } from "@std/assert";
import {
  concatenate,
  float32,
  list,
  section,
  signed,
  text,
  unsigned,
} from "../../../../lib/kernels/wasm/assembler/encoding.ts";

/** LEB128 by its definition, on big integers. */
function leb128(value: bigint, isSigned: boolean): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = Number(value & 0x7fn);
    value >>= 7n;
    const done = isSigned ? (value === 0n && low < 64) || (value === -1n && low >= 64) : value === 0n;
    bytes.push(done ? low : low | 128);
    if (done) return bytes;
  }
}

Deno.test("LEB128 of the examples in its definition", () => {
  assertEquals(unsigned(624485), [0xe5, 0x8e, 0x26]);
  assertEquals(signed(-123456), [0xc0, 0xbb, 0x78]);
});

Deno.test("LEB128 at every power of two and its neighbours", () => {
  for (let power = 0; power <= 32; power++) {
    for (const offset of [-1, 0, 1]) {
      const value = 2 ** power + offset;
      if (value < 2 ** 32) assertEquals(unsigned(value), leb128(BigInt(value), false), `${value}`);
      for (const number of [value, -value]) {
        if (number >= -(2 ** 31) && number < 2 ** 31) {
          assertEquals(signed(number), leb128(BigInt(number), true), `${number}`);
        }
      }
    }
  }
});

Deno.test("floats, names, lists and sections", () => {
  assertEquals(float32(1), [0, 0, 0x80, 0x3f]);
  assertEquals(float32(-0), [0, 0, 0, 0x80]);
  assertEquals(text("é0"), [3, 0xc3, 0xa9, 0x30]);
  assertEquals(list([[1, 2], [3]]), [2, 1, 2, 3]);
  assertEquals(section(7, []), []);
  assertEquals([...concatenate(section(7, [[1, 2], [3]]))], [7, 4, 2, 1, 2, 3]);
  assertEquals([...concatenate(section(10, [new Array(200).fill(9)]))].slice(0, 4), [10, 0xc9, 0x01, 1]);
});
