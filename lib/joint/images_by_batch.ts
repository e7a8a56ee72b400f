/**
 * Images that are made batch by batch: read from where they are stored, or distorted anew in each epoch, or both. The trainer network sees those pixels, and the
 * codes of the projection networks are those that the packed model would compute from the very same pixels.
 *
 * @module
 */
import {
  type Dataset,
  type Distortions,
  prepareAugmentation,
  type StoredDataset,
  type StoredRows,
} from "../data/mod.ts";
import { currentRegion } from "../kernels/mod.ts";
import type { ImageShape } from "../projection/mod.ts";
import type { RowEncoder } from "./encode_rows.ts";
import type { FitData } from "./fit.ts";
import type { NetworkBeside, NetworksBeside } from "./networks_beside.ts";

/** Options of {@linkcode imagesByBatch}. */
export interface ImagesByBatchOptions extends Pick<NetworksBeside, "sources" | "features"> {
  /** [count x features] the images as they are. */
  readonly pixels: Uint8Array | StoredRows;
  /** Layout of an image. */
  readonly image: ImageShape;
  /** Ways to distort images and their strengths; they stay as they are when left out. */
  readonly distortions?: Distortions;
  /** The networks, with their codes chosen. */
  readonly networks: readonly Pick<NetworkBeside, "head" | "codeBytes" | "tap">[];
  /** Most rows at a time. */
  readonly batchSize: number;
  /** Seed of the distortions, which are a function of it, the epoch and the row. */
  readonly seed: number;
  /** Most bytes of codes that are kept from epoch to epoch, of images that stay as they are; more are computed again. 96 MiB when left out. */
  readonly keptBytes?: number;
}

/** Prepares images in the current region; beside what is kept of the codes, room for a batch is all that they take. */
export function imagesByBatch(
  data: Dataset | StoredDataset,
  options: ImagesByBatchOptions,
): FitData & Required<Pick<FitData, "make">> & { readonly codes: readonly Uint8Array[] } {
  const { count, featureLength, labels } = data;
  const { distortions, networks, sources, features, batchSize, keptBytes = 96 * 2 ** 20 } = options;
  const most = Math.min(batchSize, count);
  const images = currentRegion().uint8(most * featureLength);
  const fill = prepareImages(options, { featureLength, most });
  const codes: Uint8Array[] = [];
  networks.forEach(({ tap, codeBytes = 0 }, index) =>
    // What reads activations computes its codes itself.
    codes.push(tap === undefined ? codes[sources[index]] ?? currentRegion().uint8(most * codeBytes) : images)
  );
  const own = networks.filter(({ tap }, index) => tap === undefined && sources[index] === index);
  const bytes = own.reduce((sum, { codeBytes = 0 }) => sum + count * codeBytes, 0);
  const keeps = distortions === undefined && bytes <= keptBytes;
  const encoders = networks.map(({ head, codeBytes = 0, tap }, index) => {
    if (tap !== undefined || sources[index] !== index) return undefined;
    const encode = head.prepareEncoder();
    return keeps ? keepCodes(encode, { count, codeBytes }) : encode;
  });
  const inOrder = Uint32Array.from({ length: most }, (_, row) => row);
  return {
    count,
    labels,
    features: features({ ...data, features: images, count: most }, images),
    codes,
    make(rows, epoch) {
      const batch = { features: images.subarray(0, rows.length * featureLength), count: rows.length, rows };
      fill(rows, batch.features, epoch);
      encoders.forEach((encode, index) => encode?.(batch, codes[index]));
      return inOrder.subarray(0, rows.length);
    },
  };
}

/** Prepares what writes the pixels of some rows as they are in an epoch. */
function prepareImages(
  { pixels, image, distortions, seed }: ImagesByBatchOptions,
  { featureLength, most }: { featureLength: number; most: number },
): (rows: Uint32Array, out: Uint8Array, epoch: number) => void {
  const read = (rows: Uint32Array, out: Uint8Array): void => {
    if (!(pixels instanceof Uint8Array)) return pixels.read(rows, out);
    rows.forEach((row, i) =>
      out.set(pixels.subarray(row * featureLength, (row + 1) * featureLength), i * featureLength)
    );
  };
  if (distortions === undefined) return read;
  const distort = prepareAugmentation(image, { ...distortions, seed });
  if (pixels instanceof Uint8Array) return (rows, out, epoch) => distort(pixels, out, { rows, epoch });
  const originals = currentRegion().uint8(most * featureLength);
  const places = Uint32Array.from({ length: most }, (_, place) => place);
  return (rows, out, epoch) => {
    pixels.read(rows, originals.subarray(0, out.length));
    distort(originals, out, { rows, places, epoch });
  };
}

/** Keeps the codes that were computed once, by the numbers of their rows. */
function keepCodes(
  encode: RowEncoder,
  { count, codeBytes }: { count: number; codeBytes: number },
): (batch: Parameters<RowEncoder>[0] & { rows: Uint32Array }, codes: Uint8Array) => void {
  const kept = new Uint8Array(count * codeBytes), known = new Uint8Array(count);
  return (batch, codes) => {
    const { rows } = batch;
    if (rows.every((row) => known[row] === 1)) {
      rows.forEach((row, i) => codes.set(kept.subarray(row * codeBytes, (row + 1) * codeBytes), i * codeBytes));
      return;
    }
    encode(batch, codes);
    rows.forEach((row, i) => {
      kept.set(codes.subarray(i * codeBytes, (i + 1) * codeBytes), row * codeBytes);
      known[row] = 1;
    });
  };
}
