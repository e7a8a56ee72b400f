import { assertEquals, assertThrows } from "@std/assert";
import { checkProjection, prepareProjection, type ProjectionSpec } from "../../lib/projection/mod.ts";
import { projectReference } from "./reference.ts";

const SHAPE = { seed: 4, features: 30, functions: 3, bitsPerFunction: 2 };
const FAMILIES: ProjectionSpec[] = [
  { family: "gaussian", ...SHAPE },
  { family: "sign", ...SHAPE },
  { family: "taps", taps: 5, ...SHAPE },
  { family: "hadamard", ...SHAPE },
];
const indices = Uint32Array.of(0, 3, 4, 77, 78, 4999);

Deno.test("a selection takes its rows from the pool", () => {
  const x = Uint8Array.from({ length: 30 }, (_, i) => i * 8);
  for (const spec of FAMILIES) {
    const pool = new Int32Array(5000), chosen = new Int32Array(6);
    prepareProjection({ ...spec, functions: 5000, bitsPerFunction: 1 }).project(x, pool);
    const selected = { ...spec, selection: { pool: 5000, indices } };
    prepareProjection(selected).project(x, chosen);
    assertEquals([...chosen], [...indices].map((index) => pool[index]));
    assertEquals([...chosen], projectReference(selected, x));
  }
});

Deno.test("a selection is as long as the code, ascends strictly and stays within its pool", () => {
  const refused = (message: string, selection: { pool: number; indices: Uint32Array }): void => {
    for (const spec of FAMILIES) assertThrows(() => checkProjection({ ...spec, selection }), RangeError, message);
  };
  refused("indices is 5", { pool: 9, indices: Uint32Array.of(1, 2, 3, 4, 5) });
  refused("pool is 5", { pool: 5, indices: Uint32Array.of(0, 1, 2, 3, 4, 4) });
  refused("pool is 16777217", { pool: 2 ** 24 + 1, indices });
  refused("index 5 is 4999", { pool: 4999, indices });
  refused("index 3 is 4", { pool: 5000, indices: Uint32Array.of(0, 3, 4, 4, 78, 4999) });
  refused("index 1 is 0", { pool: 5000, indices: Uint32Array.of(5, 0, 4, 5, 78, 4999) });
});
