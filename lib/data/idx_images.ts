/**
 * An image set in the layout of MNIST: one IDX file of images, one of labels. The two are joined here, and must agree.
 */

import type { ImageInput } from "../packed/mod.ts";
import type { Dataset, StoredDataset } from "./dataset.ts";
import { DataFormatError } from "./errors.ts";
import { isGzip } from "./gzip.ts";
import { type IdxArray, type IdxHeader, MAX_IDX_HEADER, parseIdxHeader, readIdxFile } from "./idx.ts";
import { numberClasses } from "./labels.ts";
import { type FileStamp, readAt, stampOf, storedRows } from "./stored_rows.ts";

/** Settings of {@link loadIdxImages}. */
export interface IdxImagesOptions {
  /** Name of the data set; by default the path of the images. */
  name?: string;
  /** Names of the classes, by class number; by default the numbers themselves. */
  classNames?: readonly string[];
  /** Class names of a trained model: they keep their places, classes it does not know are appended. */
  labelNames?: readonly string[];
}

/** What `loadIdxImages` of on_demand.ts runs. */
export async function loadIdxImages(
  imagesPath: string,
  labelsPath: string,
  options: IdxImagesOptions = {},
): Promise<Dataset> {
  const [images, labels] = await Promise.all([readIdxFile(imagesPath), readIdxFile(labelsPath)]);
  return joinIdxImages({ file: imagesPath, ...images }, { file: labelsPath, ...labels }, options);
}

/** The same, but the images stay in their file, if it is not compressed and has more than `loadLimit` bytes. */
export async function openIdxImages(
  imagesPath: string,
  labelsPath: string,
  options: IdxImagesOptions & { loadLimit: number },
): Promise<Dataset | StoredDataset> {
  const header = await readLargeHeader(imagesPath, options.loadLimit);
  if (header === undefined) return await loadIdxImages(imagesPath, labelsPath, options);
  const { dimensions, start, stamp } = header;
  const labels = { file: labelsPath, ...await readIdxFile(labelsPath) };
  const shape = joinShapes({ file: imagesPath, dimensions }, labels, options);
  const { count, featureLength } = shape;
  return {
    ...shape,
    features: storedRows([{ file: imagesPath, stamp, start, count }], {
      recordLength: featureLength,
      rowLength: featureLength,
      unpack: (source, from, out, to) => out.set(source.subarray(from, from + featureLength), to),
    }),
  };
}

/** The header of a file that is to stay where it is. */
async function readLargeHeader(
  file: string,
  loadLimit: number,
): Promise<(IdxHeader & { stamp: FileStamp }) | undefined> {
  using opened = await Deno.open(file);
  const info = await opened.stat();
  if (info.size <= loadLimit) return undefined;
  const head = new Uint8Array(Math.min(info.size, MAX_IDX_HEADER));
  readAt(opened, 0, head);
  if (isGzip(head)) return undefined;
  return { ...parseIdxHeader(head, { file, size: info.size }), stamp: stampOf(info) };
}

/** The content of an IDX file together with its name, for errors. */
export interface NamedIdxArray extends IdxArray {
  /** Path or name of the file. */
  file: string;
}

/** Joins images and labels that were read before. The features are a view of the images, not a copy. */
export function joinIdxImages(images: NamedIdxArray, labels: NamedIdxArray, options: IdxImagesOptions = {}): Dataset {
  return { ...joinShapes(images, labels, options), features: images.data };
}

/** What is known of a set of images before their pixels are read. */
function joinShapes(
  images: Omit<NamedIdxArray, "data">,
  labels: NamedIdxArray,
  options: IdxImagesOptions,
): Omit<StoredDataset, "features"> {
  const rank = images.dimensions.length;
  if (rank !== 3 && rank !== 4) {
    throw new DataFormatError(
      `the images have ${rank} dimensions, wanted 3 (count x height x width) or 4 (with channels)`,
      { file: images.file, byte: 3 },
    );
  }
  if (labels.dimensions.length !== 1) {
    throw new DataFormatError(`the labels have ${labels.dimensions.length} dimensions, wanted 1`, {
      file: labels.file,
      byte: 3,
    });
  }
  const [count, height, width, channels = 1] = images.dimensions;
  if (labels.dimensions[0] !== count) {
    throw new DataFormatError(
      `holds ${labels.dimensions[0]} labels, wanted ${count}, one for each image of ${images.file}`,
      {
        file: labels.file,
        byte: 4,
      },
    );
  }
  const input: ImageInput = { kind: "image", width, height, channels };
  checkClasses(labels, options.classNames?.length ?? 256);
  return {
    name: options.name ?? images.file,
    input,
    count,
    featureLength: width * height * channels,
    ...numberClasses(labels.data, options),
  };
}

function checkClasses({ file, data }: NamedIdxArray, classes: number): void {
  const wrong = data.findIndex((k) => k >= classes);
  if (wrong < 0) return;
  throw new DataFormatError(`label ${wrong} is ${data[wrong]}, wanted a class number in 0...${classes - 1}`, {
    file,
    byte: 8 + wrong,
  });
}
