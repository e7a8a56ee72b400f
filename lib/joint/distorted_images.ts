/**
 * Training images that are distorted anew in each epoch, batch by batch: the trainer network sees the distorted pixels, and the codes of the projection
 * networks are those that the packed model would compute from the very same pixels.
 *
 * @module
 */
import { type Dataset, type Distortions, prepareAugmentation } from "../data/mod.ts";
import { currentRegion } from "../kernels/mod.ts";
import type { ImageShape } from "../projection/mod.ts";
import type { FeatureRows } from "./features.ts";
import type { TrainingData } from "./fit.ts";
import type { ProjectionNetwork } from "./projection_network.ts";

/** Options of {@linkcode distortedImages}. */
export interface DistortedImagesOptions {
  /** Layout of an image. */
  readonly image: ImageShape;
  /** [count x features] the images as they are. */
  readonly pixels: Uint8Array;
  /** Ways to distort and their strengths. */
  readonly augment: Distortions;
  /** The networks, with their codes chosen. */
  readonly networks: readonly ProjectionNetwork[];
  /** For each network the first one with the same code, which is computed once. */
  readonly sources: readonly number[];
  /** What the trainer sees of a data set. */
  readonly standardized: (data: Dataset) => FeatureRows;
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
  const { image, pixels, augment, networks, sources, standardized, seed } = options;
  const distort = prepareAugmentation(image, { ...augment, seed });
  const most = Math.min(options.batchSize, count);
  const images = currentRegion().uint8(most * featureLength);
  const codes: Uint8Array[] = [];
  networks.forEach(({ codeBytes }, index) =>
    codes.push(codes[sources[index]] ?? currentRegion().uint8(most * codeBytes))
  );
  const encoders = networks.map((network, index) => sources[index] === index ? network.prepareEncoder() : undefined);
  const inOrder = Uint32Array.from({ length: most }, (_, row) => row);
  return {
    count,
    labels,
    features: standardized({ ...training, features: images, count: most }),
    codes,
    make(rows, epoch) {
      distort(pixels, images.subarray(0, rows.length * featureLength), { rows, epoch });
      encoders.forEach((encode, index) => encode?.({ features: images, count: rows.length }, codes[index]));
      return inOrder.subarray(0, rows.length);
    },
  };
}
