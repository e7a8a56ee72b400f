/**
 * An image set in the layout of MNIST: one IDX file of images, one of labels. The two are joined here, and must agree.
 */

import type { ImageInput } from "../packed/mod.ts";
import type { Dataset } from "./dataset.ts";
import { DataFormatError } from "./errors.ts";
import { type IdxArray, readIdxFile } from "./idx.ts";
import { numberClasses } from "./labels.ts";

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
  checkClasses(labels, options.classNames?.length ?? 256);
  return {
    name: options.name ?? images.file,
    input,
    count,
    featureLength: width * height * channels,
    features: images.data,
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
