/**
 * The entrances to data in files. What finds, fetches, verifies, unpacks and reads them is loaded when one of these is first called.
 */

import type { Dataset } from "./dataset.ts";
import type { FetchOptions, FetchResult } from "./fetch.ts";
import type { IdxImagesOptions } from "./idx_images.ts";
import type { OpenOptions } from "./open.ts";

/**
 * Opens a data set.
 *
 * - A known name (`mnist`, `fashion-mnist`): taken from `<data folder>/<name>/` or from the data folder itself, fetched when
 *   it is in neither; always verified.
 * - A folder with IDX files under MNIST's names, compressed or not.
 * - A file: a CSV or TSV table.
 *
 * A known name goes before a path of the same name (`./mnist` is the path). Damaged data are a DataFormatError; what is
 * neither a name nor a path is a {@link DatasetNotFoundError}.
 */
export async function openDataset(source: string, options: OpenOptions): Promise<Dataset> {
  const open = await import("./open.ts");
  return await open.openDataset(source, options);
}

/**
 * Fetches a known data set into `<data folder>/<name>/` and verifies every file. An unknown name is a
 * {@link DatasetNotFoundError}; a file that no origin delivers is a {@link DatasetFetchError} with each origin's reason.
 */
export async function fetchDataset(name: string, options: FetchOptions = {}): Promise<FetchResult> {
  const fetching = await import("./fetch.ts");
  return await fetching.fetchDataset(name, options);
}

/**
 * Loads images and their labels from two IDX files, plain or gzip. Images have shape count x height x width or
 * count x height x width x channels. A damaged file, or counts that disagree, are a {@link DataFormatError}.
 */
export async function loadIdxImages(
  imagesPath: string,
  labelsPath: string,
  options: IdxImagesOptions = {},
): Promise<Dataset> {
  const images = await import("./idx_images.ts");
  return await images.loadIdxImages(imagesPath, labelsPath, options);
}
