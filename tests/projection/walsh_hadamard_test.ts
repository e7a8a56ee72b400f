import { assertEquals } from "@std/assert";
import { walshHadamard } from "../../lib/projection/walsh_hadamard.ts";

Deno.test("walshHadamard: equals the product with the matrix, for every length", () => {
  for (let length = 4; length <= 256; length *= 2) {
    const values = Float64Array.from({ length }, (_, i) => (i * 37) % 101 - 50);
    const wanted = Array.from({ length }, (_, i) =>
      values.reduce((sum, value, j) => {
        let ones = 0;
        for (let common = i & j; common > 0; common &= common - 1) ones++;
        return sum + (ones % 2 === 0 ? value : -value);
      }, 0));
    assertEquals([...walshHadamard(values, new Float64Array(length))], wanted);
  }
});

Deno.test("walshHadamard: done twice it multiplies by the length", () => {
  const values = Float64Array.from({ length: 1024 }, (_, i) => i);
  const scratch = new Float64Array(1024);
  const once = walshHadamard(values, scratch);
  const twice = walshHadamard(once, once === values ? scratch : values);
  assertEquals([...twice], Array.from({ length: 1024 }, (_, i) => 1024 * i));
});
