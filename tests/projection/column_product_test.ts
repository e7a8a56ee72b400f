import { assertEquals } from "@std/assert";
import { columnTerms, prepareColumnProduct } from "../../lib/projection/mod.ts";
import { testNumbers } from "./reference.ts";

interface Range {
  scale: number;
  offset: number;
  largest: number;
}

const RANGES: Record<string, Range> = {
  signs: { scale: 2, offset: 1, largest: 1 },
  ternary: { scale: 1, offset: 1, largest: 2 },
  gaussian: { scale: 1, offset: 127, largest: 254 },
  int8: { scale: 1, offset: 128, largest: 255 },
};

for (const [name, range] of Object.entries(RANGES)) {
  Deno.test(`prepareColumnProduct: ${name} equals the sum of products`, () => {
    const next = testNumbers(5);
    for (const [rows, columns] of [[1, 1], [2, 3], [3, 4], [5, 33], [13, 100]]) {
      const entries = Array.from(
        { length: rows },
        () =>
          Int8Array.from(
            { length: columns },
            () => range.scale * Math.floor(next() * (range.largest + 1)) - range.offset,
          ),
      );
      const product = prepareColumnProduct({ ...range, rows, columns, row: (k, out) => out.set(entries[k]) });
      const terms = columnTerms(columns);
      for (const share of [0, 0.3, 1]) {
        terms.count = 0;
        for (let i = 0; i < columns; i++) {
          if (next() >= share) continue;
          terms.indices[terms.count] = i;
          terms.values[terms.count++] = Math.floor(next() * 256);
        }
        const wanted = entries.map((row) => {
          let sum = 0;
          for (let t = 0; t < terms.count; t++) sum += row[terms.indices[t]] * terms.values[t];
          return sum;
        });
        const out = new Int32Array(rows).fill(99);
        product(terms, out);
        assertEquals([...out], wanted);
      }
    }
  });

  Deno.test(`prepareColumnProduct: ${name}, the largest entries and values overflow no lane`, () => {
    // The longest row whose sum stays in 32 bits, or enough of it to empty the lanes many times.
    const columns = Math.min(3000, Math.floor(0x7fffffff / 255 / Math.max(range.offset, 1)));
    for (const entry of [range.scale * range.largest - range.offset, -range.offset]) {
      const rows = 6;
      const product = prepareColumnProduct({ ...range, rows, columns, row: (_, out) => out.fill(entry) });
      const terms = columnTerms(columns);
      terms.count = columns;
      for (let i = 0; i < columns; i++) {
        terms.indices[i] = i;
        terms.values[i] = 255;
      }
      const out = new Int32Array(rows);
      product(terms, out);
      assertEquals([...out], new Array(rows).fill(entry * 255 * columns));
    }
  });
}
