import { assertEquals, assertThrows } from "@std/assert";
import {
  checkProjection,
  convCells,
  convLayout,
  type ConvSpec,
  type ImageShape,
  prepareProjection,
} from "../../lib/projection/mod.ts";
import { projectReference, testNumbers } from "./reference.ts";

type Sizes = Pick<ConvSpec, "filter" | "stride" | "cell" | "cellStride">;

function convSpec(image: ImageShape, sizes: Sizes, functions = 6): ConvSpec {
  const { cellsAcross, cellsDown } = convLayout({ image, ...sizes });
  return {
    family: "conv",
    seed: 21,
    features: image.width * image.height * image.channels,
    functions,
    bitsPerFunction: cellsAcross * cellsDown,
    image,
    ...sizes,
    filterThresholds: Int32Array.from({ length: functions }, (_, j) => (j - 2) * 60),
  };
}

const SPECS = [
  convSpec({ width: 9, height: 9, channels: 1 }, { filter: 3, stride: 1, cell: 3, cellStride: 3 }),
  convSpec({ width: 11, height: 6, channels: 3 }, { filter: 2, stride: 1, cell: 4, cellStride: 3 }, 9),
  convSpec({ width: 5, height: 12, channels: 2 }, { filter: 3, stride: 2, cell: 2, cellStride: 1 }),
  convSpec({ width: 4, height: 4, channels: 1 }, { filter: 4, stride: 1, cell: 1, cellStride: 1 }, 1),
  // Sums that need 26 bits.
  convSpec({ width: 7, height: 7, channels: 2 }, { filter: 5, stride: 1, cell: 2, cellStride: 2 }, 5),
  convSpec({ width: 8, height: 5, channels: 1 }, { filter: 1, stride: 3, cell: 3, cellStride: 2 }, 5),
];

Deno.test("conv: counts equal an independent version, selected or not", () => {
  const next = testNumbers(13);
  for (const base of SPECS) {
    const indices = Uint32Array.from({ length: base.functions }, (_, j) => 7 * j + j % 3);
    for (const spec of [base, { ...base, selection: { pool: 200, indices } }]) {
      const projection = prepareProjection(spec);
      const out = new Int32Array(projection.bits);
      for (const share of [0, 0.3, 1, 0.1]) {
        const x = Uint8Array.from({ length: spec.features }, () => next() < share ? Math.floor(next() * 256) : 0);
        projection.project(x, out);
        assertEquals([...out], projectReference(spec, x));
      }
      projection.project(new Uint8Array(spec.features).fill(255), out);
      assertEquals([...out], projectReference(spec, new Uint8Array(spec.features).fill(255)));
    }
  }
});

Deno.test("conv: the cells cover every position, the last ones clipped", () => {
  for (const spec of SPECS) {
    const { positionsAcross, positionsDown, cellsAcross, cellsDown } = convLayout(spec);
    const cells = convCells(spec);
    assertEquals(cells.length, cellsAcross * cellsDown);
    const covered = new Uint8Array(positionsAcross * positionsDown);
    for (const { left, right, top, bottom } of cells) {
      assertEquals(left < right && right <= positionsAcross && top < bottom && bottom <= positionsDown, true);
      for (let v = top; v < bottom; v++) covered.fill(1, v * positionsAcross + left, v * positionsAcross + right);
    }
    assertEquals(covered.every((one) => one === 1), true);
  }
  // 24 positions of a 5×5 filter on 28 pixels: four cells of six, or four of seven with a last one of three.
  const image = { width: 28, height: 28, channels: 1 };
  const lengths = (cell: number): number[] =>
    convCells(convSpec(image, { filter: 5, stride: 1, cell, cellStride: cell })).slice(0, 4)
      .map(({ left, right }) => right - left);
  assertEquals(lengths(6), [6, 6, 6, 6]);
  assertEquals(lengths(7), [7, 7, 7, 3]);
});

Deno.test("conv: refuses sizes that do not fit", () => {
  const bad: [string, Partial<ConvSpec>][] = [
    ["filter is 7", { filter: 7 }],
    ["stride is 0", { stride: 0 }],
    ["stride is 12", { stride: 12 }],
    ["cell is 11", { cell: 11 }],
    ["cellStride is 5", { cellStride: 5 }],
    ["bitsPerFunction is 7", { bitsPerFunction: 7 }],
    ["filter thresholds is 3", { filterThresholds: new Int32Array(3) }],
    ["selection: indices is 2", { selection: { pool: 9, indices: Uint32Array.of(1, 2) } }],
  ];
  for (const [message, change] of bad) {
    assertThrows(() => checkProjection({ ...SPECS[1], ...change }), RangeError, message);
  }
});
