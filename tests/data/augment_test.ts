import { assert, assertAlmostEquals, assertEquals, assertLess, assertNotEquals, assertThrows } from "@std/assert";
import { prepareAugmentation } from "../../lib/data/augment.ts";
import type { Distortions } from "../../lib/data/distortions.ts";
import { hash32, type ImageShape } from "../../lib/projection/mod.ts";
import { range } from "./fixtures.ts";

const sizes: ImageShape[] = [
  { width: 28, height: 28, channels: 1 },
  { width: 9, height: 4, channels: 3 },
  { width: 3, height: 11, channels: 2 },
  { width: 1, height: 6, channels: 1 },
  { width: 1, height: 1, channels: 1 },
];
const all: Distortions = { flip: true, shift: 2, rotate: 25, scale: 0.2, shear: 15, elastic: 1.2 };

const lengthOf = ({ width, height, channels }: ImageShape) => width * height * channels;

function noise(image: ImageShape, count: number): Uint8Array {
  return Uint8Array.from({ length: count * lengthOf(image) }, (_, i) => hash32(3, 0, i));
}

function distort(
  image: ImageShape,
  options: Distortions & { seed?: number },
  { source, rows, epoch = 0 }: { source: Uint8Array; rows: ArrayLike<number>; epoch?: number },
): Uint8Array {
  const out = new Uint8Array(rows.length * lengthOf(image));
  prepareAugmentation(image, { seed: 1, ...options })(source, out, { rows, epoch });
  return out;
}

/** The uniform cubic B-spline at a distance from its knot. */
function spline(distance: number): number {
  const d = Math.abs(distance);
  return d < 1 ? 2 / 3 - d * d + d ** 3 / 2 : d < 2 ? (2 - d) ** 3 / 6 : 0;
}

/** One distorted image straight from the definition: every pixel a sum over all knots and all source pixels. */
function reference(
  image: ImageShape,
  distortions: Distortions,
  { source, row, seed, epoch }: { source: Uint8Array; row: number; seed: number; epoch: number },
): number[] {
  const { width, height, channels } = image;
  const { flip, shift = 0, rotate = 0, scale = 0, shear = 0, elastic = 0, edges = "zero" } = distortions;
  const random = (draw: number) => hash32(hash32(seed, 0x6175676d, epoch), row, draw);
  const signed = (draw: number) => random(draw) / 2 ** 31 - 1;
  const whole = (draw: number) => Number((BigInt(random(draw)) * BigInt(2 * shift + 1)) >> 32n) - shift;
  const mirrored = flip === true && random(0) >= 2 ** 31;
  const pixel = (x: number, y: number, channel: number): number => {
    const outside = x < 0 || y < 0 || x >= width || y >= height;
    if (outside && edges === "zero") return 0;
    const inside = (at: number, side: number) => {
      const folded = edges === "reflect" ? side - 1 - Math.abs(side - 1 - Math.abs(at)) : at;
      return Math.min(Math.max(folded, 0), side - 1);
    };
    const column = inside(x, width);
    const at = (row * height + inside(y, height)) * width + (mirrored ? width - 1 - column : column);
    return source[at * channels + channel];
  };
  const spacing = Math.max(1, Math.min(width, height) / 4);
  const across = Math.floor((width - 1) / spacing) + 4, down = Math.floor((height - 1) / spacing) + 4;
  const amplitude = elastic * Math.sqrt(3) * 315 / 151;
  const displacement = (u: number, v: number, axis: number): number => {
    let sum = 0;
    for (let knot = 0; knot < across * down; knot++) {
      const weight = spline(u / spacing - (knot % across - 1)) * spline(v / spacing - (Math.floor(knot / across) - 1));
      sum += weight * amplitude * signed(7 + 2 * knot + axis);
    }
    return sum;
  };
  const angle = rotate * Math.PI / 180 * signed(3), lean = Math.tan(shear * Math.PI / 180 * signed(4));
  // The columns of turn · shear · stretch, and its inverse by determinants.
  const stretchX = 1 + scale * signed(5), stretchY = 1 + scale * signed(6);
  const a = Math.cos(angle) * stretchX, c = Math.sin(angle) * stretchX;
  const b = (Math.cos(angle) * lean - Math.sin(angle)) * stretchY;
  const d = (Math.sin(angle) * lean + Math.cos(angle)) * stretchY;
  const determinant = a * d - b * c;
  const out: number[] = [];
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      const right = u - whole(1) - (width - 1) / 2, below = v - whole(2) - (height - 1) / 2;
      const x = (width - 1) / 2 + (d * right - b * below) / determinant + displacement(u, v, 0);
      const y = (height - 1) / 2 + (a * below - c * right) / determinant + displacement(u, v, 1);
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let j = Math.floor(y); j <= Math.floor(y) + 1; j++) {
          for (let i = Math.floor(x); i <= Math.floor(x) + 1; i++) {
            sum += (1 - Math.abs(x - i)) * (1 - Math.abs(y - j)) * pixel(i, j, channel);
          }
        }
        out.push(sum);
      }
    }
  }
  return out;
}

Deno.test("augmentation is its definition, for every distortion, size and edge rule", () => {
  const cases: Distortions[] = [
    { flip: true },
    { shift: 3 },
    { flip: true, shift: 3, edges: "repeat" },
    { flip: true, shift: 3, edges: "reflect" },
    { rotate: 180 },
    { scale: 0.3 },
    { shear: 30 },
    { elastic: 1.4 },
    { ...all },
    { ...all, edges: "repeat" },
    { ...all, edges: "reflect" },
  ];
  for (const image of sizes) {
    const source = noise(image, 6), rows = [4, 0, 5];
    for (const distortions of cases) {
      const out = distort(image, { ...distortions, seed: 9 }, { source, rows, epoch: 3 });
      rows.forEach((row, i) => {
        const expected = reference(image, distortions, { source, row, seed: 9, epoch: 3 });
        expected.forEach((value, k) => {
          const found = out[i * expected.length + k];
          // Half a step of rounding, and a position that is a half of 1/1024 pixel off between pixels up to 255 apart.
          assertLess(
            Math.abs(found - value),
            0.5 + 0.27,
            `${JSON.stringify(image)} ${JSON.stringify(distortions)} row ${row}, ${k}: ${found} for ${value}`,
          );
        });
      });
    }
  }
});

Deno.test("augmentation of strength zero copies, whatever the edges", () => {
  for (const image of sizes) {
    const source = noise(image, 3);
    for (const edges of ["zero", "repeat", "reflect"] as const) {
      const none = { flip: false, shift: 0, rotate: 0, scale: 0, shear: 0, elastic: 0, edges };
      assertEquals(distort(image, none, { source, rows: range(3) }), source);
      assertEquals(distort(image, {}, { source, rows: [] }).length, 0);
    }
  }
});

Deno.test("a shift alone moves by whole pixels, each way as often, and leaves zeros; a flip alone mirrors half of the images", () => {
  const image = { width: 6, height: 5, channels: 2 }, count = 1000;
  const source = noise(image, count).map((value) => value | 1);
  const moved = (row: number, right: number, down: number, mirrored = false): string => {
    const pixels: number[] = [];
    for (let y = 0; y < 5; y++) {
      for (let x = 0; x < 6; x++) {
        const column = x - right, from = ((row * 5 + y - down) * 6 + (mirrored ? 5 - column : column)) * 2;
        const inside = column >= 0 && column < 6 && y - down >= 0 && y - down < 5;
        pixels.push(inside ? source[from] : 0, inside ? source[from + 1] : 0);
      }
    }
    return pixels.join();
  };
  const tally = new Map<string, number>();
  const shifted = distort(image, { shift: 1 }, { source, rows: range(count) });
  const flipped = distort(image, { flip: true }, { source, rows: range(count) });
  let mirrored = 0;
  for (let row = 0; row < count; row++) {
    const part = (out: Uint8Array) => out.subarray(row * 60, (row + 1) * 60).join();
    const moves = [-1, 0, 1].flatMap((right) => [-1, 0, 1].map((down) => [right, down]));
    const move = moves.find(([right, down]) => part(shifted) === moved(row, right, down));
    assert(move !== undefined, `row ${row} is no shifted copy`);
    tally.set(move.join(), (tally.get(move.join()) ?? 0) + 1);
    if (part(flipped) === moved(row, 0, 0, true)) mirrored++;
    else assertEquals(part(flipped), moved(row, 0, 0));
  }
  assertEquals(tally.size, 9);
  // Nine standard deviations of 9.9 and four of 15.8.
  for (const times of tally.values()) assertLess(Math.abs(times - count / 9), 45);
  assertLess(Math.abs(mirrored - count / 2), 63);
});

/** A bright round blob in the middle. */
function blob(side: number): Uint8Array {
  return Uint8Array.from({ length: side * side }, (_, i) => {
    const x = i % side - (side - 1) / 2, y = Math.floor(i / side) - (side - 1) / 2;
    return Math.round(240 * Math.exp(-(x * x + y * y) / 36));
  });
}

Deno.test("a round blob stays where it is in any turn, and no distortion without scale changes its mass much", () => {
  const side = 28, image = { width: side, height: side, channels: 1 }, count = 60;
  const one = blob(side), source = new Uint8Array(count * one.length);
  for (let i = 0; i < count; i++) source.set(one, i * one.length);
  const turned = distort(image, { rotate: 180 }, { source, rows: range(count) });
  // Between pixels a straight line lies at most 2 · 240 / 18 / 8 below the bell, and both are rounded.
  for (let i = 0; i < turned.length; i++) assertLess(Math.abs(turned[i] - source[i]), 4.5);
  const mass = one.reduce((sum, value) => sum + value, 0);
  for (const distortions of [{ rotate: 30, shear: 15, shift: 3 }, { elastic: 1 }]) {
    const out = distort(image, distortions, { source, rows: range(count) });
    assertAlmostEquals(out.reduce((sum, value) => sum + value, 0) / count / mass, 1, 0.05);
    assert(out.some((value, i) => Math.abs(value - source[i]) > 20));
  }
});

Deno.test("elastic displacements have the deviation that is asked for, and are smooth", () => {
  const side = 28, count = 300, image = { width: side, height: side, channels: 1 };
  // The pixel's value tells its column: eight grey levels a pixel.
  const source = Uint8Array.from({ length: count * side * side }, (_, i) => 8 * (i % side));
  for (const elastic of [0.7, 1.5]) {
    const out = distort(image, { elastic }, { source, rows: range(count) });
    let squares = 0, steps = 0, pixels = 0;
    for (let row = 0; row < count; row++) {
      for (let y = 8; y < 20; y++) {
        for (let x = 8; x < 20; x++, pixels++) {
          const at = (row * side + y) * side + x;
          squares += ((out[at] - source[at]) / 8) ** 2;
          steps += ((out[at + side] - out[at]) / 8) ** 2;
        }
      }
    }
    assertAlmostEquals(Math.sqrt(squares / pixels), elastic, elastic * 0.1);
    // Neighbours differ by about 1/σ of the deviation, with σ = 7 / √3 pixels.
    assertLess(Math.sqrt(steps / pixels), elastic / 3);
  }
});

Deno.test("augmentation is a function of seed, epoch and row alone", () => {
  const image = sizes[1], length = lengthOf(image), source = noise(image, 10), before = source.slice();
  const rows = range(10);
  const first = distort(image, all, { source, rows });
  assertEquals(source, before);
  assertEquals(distort(image, all, { source, rows }), first);
  const some = distort(image, all, { source, rows: Uint32Array.of(7, 2, 7) });
  [7, 2, 7].forEach((row, i) => {
    assertEquals(some.subarray(i * length, (i + 1) * length), first.subarray(row * length, (row + 1) * length));
  });
  assertNotEquals(distort(image, all, { source, rows, epoch: 1 }), first);
  assertNotEquals(distort(image, { ...all, seed: 2 }, { source, rows }), first);
  // The same image in two rows is distorted in two ways.
  const twins = new Uint8Array(2 * length);
  twins.set(source.subarray(0, length));
  twins.set(source.subarray(0, length), length);
  const two = distort(image, all, { source: twins, rows: [0, 1] });
  assertNotEquals(two.subarray(0, length), two.subarray(length));
});

Deno.test("augmentation refuses what does not fit", () => {
  const image = sizes[1], source = noise(image, 2);
  const wrong: [Distortions, string][] = [
    [{ shift: 1.5 }, "shift: a whole number in 0...1024 was wanted, 1.5 found"],
    [{ rotate: -1 }, "rotate: a number in 0...180 was wanted, -1 found"],
    [{ scale: 1 }, "scale: a number in 0...0.9"],
    [{ shear: 90 }, "shear: a number in 0...60"],
    [{ elastic: NaN }, "elastic: a number in 0...1024 was wanted, NaN found"],
    [{ rotation: 5 } as Distortions, "rotation: one of shift, rotate, scale, shear, elastic, flip, edges was wanted"],
    [{ edges: "wrap" as "zero" }, "edges: one of zero, repeat, reflect was wanted, wrap found"],
  ];
  for (const [distortions, message] of wrong) {
    assertThrows(() => prepareAugmentation(image, { ...distortions, seed: 1 }), RangeError, message);
  }
  for (const side of [0, 2.5, NaN]) {
    assertThrows(() => prepareAugmentation({ ...image, width: side }, { seed: 1 }), RangeError, `${side}x4x3`);
  }
  for (const row of [2, -1, 0.5, NaN]) {
    assertThrows(() => distort(image, {}, { source, rows: [row] }), RangeError, `row ${row} is not among the 2`);
  }
  const augment = prepareAugmentation(image, { seed: 1 });
  assertThrows(() => augment(source, new Uint8Array(5), { rows: [0], epoch: 0 }), RangeError, "1 rows of 108");
});
