/**
 * Training images that are distorted anew in each epoch, batch by batch: the trainer network sees the distorted pixels, and the codes of the projection
 * networks are those that the packed model would compute from the very same pixels.
 *
 * @module
 */
import { type Dataset, type Distortions, prepareAugmentation } from "../data/mod.ts";
import { currentRegion } from "../kernels/mod.ts";
import type { ImageShape } from "../projection/mod.ts";
import type { TrainingData } from "./fit.ts";
import type { NetworkBeside, NetworksBeside } from "./networks_beside.ts";

/** Options of {@linkcode distortedImages}. */
export interface DistortedImagesOptions {
  /** Layout of an image. */
  readonly image: ImageShape;
  /** [count x features] the images as they are. */
  readonly pixels: Uint8Array;
  /** Ways to distort and their strengths. */
  readonly augment: Distortions;
  /** The networks, with their codes chosen, and what the trainer sees. */
  readonly beside: Pick<NetworksBeside, "sources" | "features"> & {
    readonly networks: readonly Pick<NetworkBeside, "head" | "codeBytes" | "tap">[];
  };
  /** Most rows at a time. */
  readonly batchSize: number;
  /** Seed of the distortions, which are a function of it, the epoch and the row. */
  readonly seed: number;
}

/** Prepares distorted images in the current region; room for one batch is all that they take beside `training`. */
export function distortedImages(
  training: Dataset,
  options: DistortedImagesOptions,
): TrainingData & { readonly codes: readonly Uint8Array[] } {
  const { count, featureLength, labels } = training;
  const { image, pixels, augment, beside: { networks, sources, features }, seed } = options;
  const distort = prepareAugmentation(image, { ...augment, seed });
  const most = Math.min(options.batchSize, count);
  const images = currentRegion().uint8(most * featureLength);
  const codes: Uint8Array[] = [];
  networks.forEach(({ codeBytes = 0 }, index) =>
    codes.push(codes[sources[index]] ?? currentRegion().uint8(most * codeBytes))
  );
  // What reads activations needs no codes.
  const encoders = networks.map(({ head, tap }, index) =>
    sources[index] === index && tap === undefined ? head.prepareEncoder() : undefined
  );
  const inOrder = Uint32Array.from({ length: most }, (_, row) => row);
  return {
    count,
    labels,
    features: features({ ...training, features: images, count: most }, images),
    codes,
    make(rows, epoch) {
      distort(pixels, images.subarray(0, rows.length * featureLength), { rows, epoch });
      encoders.forEach((encode, index) => encode?.({ features: images, count: rows.length }, codes[index]));
      return inOrder.subarray(0, rows.length);
    },
  };
}
