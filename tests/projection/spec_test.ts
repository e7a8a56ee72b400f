import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { checkProjection, type ProjectionSpec } from "../../lib/projection/mod.ts";

const good: ProjectionSpec = { family: "taps", seed: 1, features: 784, functions: 60, bitsPerFunction: 12, taps: 8 };

Deno.test("checkProjection: accepts the smallest and the largest", () => {
  checkProjection(good);
  checkProjection({ family: "sign", seed: 0, features: 1, functions: 1, bitsPerFunction: 1 });
  checkProjection({ family: "gaussian", seed: 0xffffffff, features: 66311, functions: 1, bitsPerFunction: 1 });
  checkProjection({ ...good, functions: 1024, bitsPerFunction: 1024, taps: 64 });
  checkProjection({ ...good, features: 4194304 });
  checkProjection({ family: "hadamard", seed: 0, features: 4194304, functions: 1024, bitsPerFunction: 1024 });
});

Deno.test("checkProjection: names what it refuses", () => {
  const bad: [Record<string, unknown>, string][] = [
    [{ family: "fourier" }, "family is fourier"],
    [{ seed: -1 }, "seed is -1"],
    [{ seed: 4294967296 }, "seed is 4294967296"],
    [{ seed: 0.5 }, "seed is 0.5"],
    [{ features: 0 }, "features is 0"],
    [{ features: NaN }, "features is NaN"],
    [{ features: 4194305 }, "features is 4194305"],
    [{ functions: 0 }, "functions is 0"],
    [{ bitsPerFunction: 1.5 }, "bitsPerFunction is 1.5"],
    [{ functions: 1025, bitsPerFunction: 1024 }, "functions x bitsPerFunction is 1049600"],
    [{ family: "hadamard", features: 4194305 }, "features is 4194305"],
    [{ family: "hadamard", functions: 1025, bitsPerFunction: 1024 }, "functions x bitsPerFunction is 1049600"],
    [{ taps: 0 }, "taps is 0"],
    [{ taps: undefined }, "taps is undefined"],
    [{ functions: 1024, bitsPerFunction: 1024, taps: 65 }, "bits x entries of a row"],
    [{ family: "gaussian", features: 66312, functions: 1, bitsPerFunction: 1 }, "entries of a row is 66312"],
    [{ taps: 8421505, functions: 1, bitsPerFunction: 1 }, "entries of a row is 8421505"],
  ];
  for (const [change, message] of bad) {
    const error = assertThrows(() => checkProjection({ ...good, ...change } as ProjectionSpec), RangeError);
    assertStringIncludes(error.message, message);
  }
});

Deno.test("checkProjection: the bound on a row is where 32 bits end", () => {
  assertEquals(66311 * 255 * 127 < 2 ** 31 && 66312 * 255 * 127 >= 2 ** 31, true);
  assertEquals(8421504 * 255 < 2 ** 31 && 8421505 * 255 >= 2 ** 31, true);
});

/** A convolution with one cell over all positions. */
function conv(
  { size, filter, functions }: { size: number; filter: number; functions: number },
): ProjectionSpec {
  const positions = size - filter + 1;
  return {
    family: "conv",
    seed: 1,
    features: size * size,
    functions,
    bitsPerFunction: 1,
    image: { width: size, height: size, channels: 1 },
    filter,
    stride: 1,
    cell: positions,
    cellStride: positions,
    filterThresholds: new Int32Array(functions),
  };
}

Deno.test("checkProjection: a convolution may reach its bounds, 2^28 products, 2^24 sums and 2^22 entries, and not pass them", () => {
  const most: [name: string, at: { size: number; filter: number; functions: number }][] = [
    ["positions x filters x taps", { size: 1024 + 7, filter: 8, functions: 4 }],
    ["positions x filters", { size: 2048, filter: 1, functions: 4 }],
    ["filters x taps", { size: 8, filter: 8, functions: 2 ** 16 }],
  ];
  for (const [name, at] of most) {
    checkProjection(conv(at));
    assertThrows(
      () => checkProjection(conv({ ...at, functions: at.functions + 1 })),
      RangeError,
      `projection: ${name} is`,
    );
  }
});
