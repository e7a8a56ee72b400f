import { assertEquals, assertThrows } from "@std/assert";
import { prepareProjection, type ProjectionSpec } from "../../lib/projection/mod.ts";
import { projectReference, rowReference, testNumbers } from "./reference.ts";

const FAMILIES = [{ family: "gaussian" }, { family: "sign" }, { family: "taps", taps: 7 }, {
  family: "hadamard",
}] as const;

for (const family of FAMILIES) {
  Deno.test(`prepareProjection: ${family.family} equals an independent dot product`, () => {
    const next = testNumbers(3);
    for (const features of [1, 2, 31, 33, 97]) {
      for (const [functions, bitsPerFunction] of [[1, 1], [3, 3], [2, 8]]) {
        const spec: ProjectionSpec = { ...family, seed: 77, features, functions, bitsPerFunction };
        const projection = prepareProjection(spec);
        assertEquals([projection.bits, projection.features], [functions * bitsPerFunction, features]);
        const inputs = [
          new Uint8Array(features),
          new Uint8Array(features).fill(255),
          Uint8Array.from({ length: features }, () => next() < 0.6 ? 0 : Math.floor(next() * 256)),
        ];
        for (const x of inputs) {
          const wanted = projectReference(spec, x);
          for (const same of [x, [...x], Float32Array.from(x)]) {
            const out = new Int32Array(projection.bits).fill(-1);
            projection.project(same, out);
            assertEquals([...out], wanted);
          }
        }
      }
    }
  });

  Deno.test(`prepareProjection: ${family.family} refuses wrong lengths and features that are no bytes`, () => {
    const projection = prepareProjection({ ...family, seed: 1, features: 4, functions: 2, bitsPerFunction: 3 });
    const out = new Int32Array(6);
    assertThrows(() => projection.project([1, 2, 3], out), RangeError, "lengths are 3 and 6");
    assertThrows(() => projection.project([1, 2, 3, 4, 5], out), RangeError, "lengths are 5 and 6");
    assertThrows(() => projection.project([1, 2, 3, 4], new Int32Array(5)), RangeError, "lengths are 4 and 5");
    for (const bad of [-1, 256, 0.5, NaN, Infinity]) {
      assertThrows(() => projection.project([0, 0, bad, 0], out), RangeError, `feature 2 is ${bad}`);
    }
  });

  Deno.test(`prepareProjection: ${family.family}, the same input gives the same values after others`, () => {
    const projection = prepareProjection({ ...family, seed: 1, features: 50, functions: 5, bitsPerFunction: 5 });
    const x = Uint8Array.from({ length: 50 }, (_, i) => i * 5);
    const first = new Int32Array(25), again = new Int32Array(25);
    projection.project(x, first);
    projection.project(new Uint8Array(50).fill(255), again);
    projection.project(x, again);
    assertEquals(again, first);
  });
}

Deno.test("prepareProjection: dense families give their rows, others have none", () => {
  for (const family of ["gaussian", "sign"] as const) {
    const spec = { family, seed: 6, features: 40, functions: 2, bitsPerFunction: 2 };
    const out = new Int8Array(40);
    prepareProjection(spec).row?.(3, out);
    assertEquals([...out], rowReference(spec, 3));
  }
  const taps = prepareProjection({ family: "taps", seed: 6, features: 40, functions: 2, bitsPerFunction: 2, taps: 3 });
  assertEquals(taps.row, undefined);
  const hadamard = prepareProjection({ family: "hadamard", seed: 6, features: 40, functions: 2, bitsPerFunction: 2 });
  assertEquals(hadamard.row, undefined);
});

Deno.test("prepareProjection: the code of fewer functions is the start of the code of more", () => {
  const x = Uint8Array.from({ length: 64 }, (_, i) => (i * 37) % 256);
  const small = new Int32Array(12), large = new Int32Array(40);
  const shape = { family: "sign", seed: 2, features: 64, bitsPerFunction: 4 } as const;
  prepareProjection({ ...shape, functions: 3 }).project(x, small);
  prepareProjection({ ...shape, functions: 10 }).project(x, large);
  assertEquals(large.slice(0, 12), small);
});

Deno.test("prepareProjection: refuses what cannot be exact", () => {
  assertThrows(
    () => prepareProjection({ family: "gaussian", seed: 1, features: 70000, functions: 1, bitsPerFunction: 1 }),
    RangeError,
    "entries of a row",
  );
});
