/**
 * What augmentation adds to a training step: distorting a batch of images, and computing the codes of the distorted images anew:
 * `deno bench -A bench/augment_bench.ts`. The time is that of one batch of 128 images.
 */
import { type Distortions, hash32, type ImageInput, type ProjectionOptions, Region, useKernels } from "../mod.ts";
import { prepareAugmentation } from "../lib/data/mod.ts";
import { ProjectionNetwork } from "../lib/joint/mod.ts";

const batch = 128;
useKernels({ threads: 1 });

/** Strokes on black, about as many grey pixels as a digit has. */
function images({ width, height, channels }: ImageInput): Uint8Array {
  return Uint8Array.from(
    { length: batch * width * height * channels },
    (_, i) => hash32(1, 0, i >> 2) % 5 === 0 ? hash32(1, 1, i) & 255 : 0,
  );
}

const digit: ImageInput = { kind: "image", width: 28, height: 28, channels: 1 };
const colour: ImageInput = { kind: "image", width: 32, height: 32, channels: 3 };
const distortions: [image: ImageInput, distortions: Distortions][] = [
  [digit, { shift: 2 }],
  [digit, { shift: 1, rotate: 10, scale: 0.1 }],
  [digit, { shift: 1, rotate: 10, scale: 0.1, elastic: 0.7 }],
  [colour, { flip: true, shift: 4, edges: "reflect" }],
];
const rows = Uint32Array.from({ length: batch }, (_, i) => i);
for (const [image, strengths] of distortions) {
  const { width, height, channels } = image;
  const source = images(image), out = new Uint8Array(source.length);
  const augment = prepareAugmentation(image, { ...strengths, seed: 1 });
  const names = Object.entries(strengths).map(([name, strength]) => `${name}=${strength}`).join(" ");
  Deno.bench({
    name: `${width}×${height}×${channels}, ${names}`,
    group: `distort ${batch} images`,
    fn: () => augment(source, out, { rows, epoch: 0 }),
  });
}

const networks: Record<string, ProjectionOptions> = {
  "gaussian, 720 bits": { functions: 60, bitsPerFunction: 12 },
  "taps, 720 bits": { family: "taps", functions: 720 },
  "patch, 80 selected bits": { family: "patch", functions: 80 },
  "conv, counts of 32 filters": { family: "conv", reads: "counts", functions: 32 },
};
const region = new Region();
const source = images(digit);
for (const [name, options] of Object.entries(networks)) {
  const network = region.run(() =>
    new ProjectionNetwork({ ...options, features: 784, image: digit, classes: 10, seed: 1 })
  );
  if (options.family === "patch") {
    network.select({ pool: 12_000, indices: Uint32Array.from({ length: 80 }, (_, i) => 149 * i) });
  }
  network.fitFilters({ features: source, count: batch });
  const encode = region.run(() => network.prepareEncoder());
  const codes = new Uint8Array(batch * network.codeBytes);
  Deno.bench({ name, group: `codes of ${batch} images`, fn: () => encode({ features: source, count: batch }, codes) });
}
