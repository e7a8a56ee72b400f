import { assertEquals } from "@std/assert";
import { BitColumns, countDifferent, countOnes } from "../../lib/joint/select/bit_columns.ts";
import { assertClose } from "../close.ts";
import { testNumbers } from "../projection/reference.ts";

const next = testNumbers(31);

/** Columns filled in two parts from random values, and the same bits as a plain table [samples][columns]. */
function randomColumns(samples: number, count: number): { columns: BitColumns; bits: number[][] } {
  const columns = new BitColumns({ samples, count });
  const thresholds = Int32Array.from({ length: count }, () => Math.floor(next() * 100) - 50);
  const values = Int32Array.from({ length: samples * count }, () => Math.floor(next() * 200) - 100);
  const split = Math.min(samples, 32 * Math.floor(samples / 64));
  for (const [from, to] of [[0, split], [split, samples]]) {
    columns.fill(values.subarray(from * count, to * count), { sample: from, column: 0 }, thresholds);
  }
  const bits = Array.from(
    { length: samples },
    (_, s) => Array.from({ length: count }, (_, k) => Number(values[s * count + k] > thresholds[k])),
  );
  return { columns, bits };
}

Deno.test("columns hold the bits, their means and their differences", () => {
  for (const [samples, count] of [[1, 1], [31, 3], [32, 2], [33, 9], [200, 40]]) {
    const { columns, bits } = randomColumns(samples, count);
    const sums = columns.means();
    for (let k = 0; k < count; k++) {
      const ones = bits.filter((row) => row[k] === 1).length;
      assertEquals(countOnes(columns.column(k)), ones);
      assertClose([sums[k]], [(2 * ones - samples) / samples], { absolute: 1e-12 });
      const different = bits.filter((row) => row[k] !== row[0]).length;
      assertEquals(countDifferent(columns.data, k * columns.words, columns.column(0), columns.words), different);
    }
  }
});

Deno.test("columns as ±1 times a matrix equal the sums written out, across tiles", () => {
  for (const [samples, count] of [[33, 5], [2100, 7], [70, 300]]) {
    const { columns, bits } = randomColumns(samples, count);
    const matrix = Float32Array.from({ length: samples * 3 }, () => next() - 0.5);
    const wanted: number[] = [];
    for (let k = 0; k < count; k++) {
      for (let c = 0; c < 3; c++) {
        wanted.push(bits.reduce((sum, row, s) => sum + (2 * row[k] - 1) * matrix[s * 3 + c], 0));
      }
    }
    assertClose(columns.multiply(matrix, 3), wanted, { absolute: 1e-3 });
  }
});

Deno.test("columns become codes in any order", () => {
  const { columns, bits } = randomColumns(45, 12);
  const order = [3, 11, 0, 0, 7, 8, 9, 2, 1];
  const codes = columns.codes(order);
  assertEquals(codes.length, 45 * 2);
  bits.forEach((row, s) =>
    order.forEach((column, k) => assertEquals((codes[s * 2 + (k >> 3)] >> (k & 7)) & 1, row[column]))
  );
});
