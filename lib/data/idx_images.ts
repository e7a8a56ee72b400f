/**
 * An image set in the layout of MNIST: one IDX file of images, one of labels. The two are joined here, and must agree.
 */

import type { ImageInput } from "../packed/mod.ts";
import type { Dataset } from "./dataset.ts";
import { DataFormatError } from "./errors.ts";
import { type IdxArray, readIdxFile } from "./idx.ts";
import { orderClassNumbers } from "./labels.ts";

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

/** The content of an IDX file together with its name, for errors. */
export interface NamedIdxArray extends IdxArray {
  /** Path or name of the file. */
  file: string;
}

/** Joins images and labels that were read before. The features are a view of the images, not a copy. */
export function joinIdxImages(images: NamedIdxArray, labels: NamedIdxArray, options: IdxImagesOptions = {}): Dataset {
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
  const { numbers, labelNames } = numberClasses(labels, options);
  return {
    name: options.name ?? images.file,
    input,
    count,
    featureLength: width * height * channels,
    features: images.data,
    labels: numbers,
    labelNames,
  };
}

function numberClasses(
  { file, data }: NamedIdxArray,
  options: IdxImagesOptions,
): { numbers: Uint16Array; labelNames: string[] } {
  const classes = options.classNames?.length ?? 256;
  const present = new Uint8Array(256);
  for (let i = 0; i < data.length; i++) {
    if (data[i] >= classes) {
      throw new DataFormatError(`label ${i} is ${data[i]}, wanted a class number in 0...${classes - 1}`, {
        file,
        byte: 8 + i,
      });
    }
    present[data[i]] = 1;
  }
  const found = Array.from(present.keys()).filter((k) => present[k] === 1);
  const { labelNames, positions } = orderClassNumbers(found, options);
  const position = new Uint16Array(256);
  found.forEach((k, i) => position[k] = positions[i]);
  return { numbers: Uint16Array.from(data, (k) => position[k]), labelNames };
}
