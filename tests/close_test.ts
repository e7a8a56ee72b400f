import { assertStringIncludes, assertThrows } from "@std/assert";
import { assertClose } from "./close.ts";

Deno.test("assertClose accepts values within the tolerance, and equal special values", () => {
  assertClose([1, -100, NaN, Infinity, -Infinity, -0], [1.0009, -100.09, NaN, Infinity, -Infinity, 0], {
    relative: 1e-3,
  });
  assertClose(new Float32Array([0.5]), [0.25], { absolute: 0.25 });
  assertClose([], [], {});
});

Deno.test("assertClose names the first index that differs and counts the others", () => {
  const error = assertThrows(() => assertClose([1, 2, 4, 9], [1, 2, 3, 4], { absolute: 0.5, message: "sums" }), Error);
  assertStringIncludes(error.message, "sums: at index 2 found 4 where 3 was expected (2 of 4 differ, by up to 5");
});

Deno.test("assertClose rejects NaN, infinities and lengths that do not match", () => {
  for (const [actual, expected] of [[[NaN], [1]], [[1], [NaN]], [[Infinity], [1]], [[1], [Infinity]], [[1], [1, 1]]]) {
    assertThrows(() => assertClose(actual, expected, { relative: 1, absolute: 1 }), Error);
  }
});
