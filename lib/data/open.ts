/**
 * One way to any data: a known name, a folder of IDX files or of PNG images, CIFAR's archives, a table.
 */

import { resolveDataDir } from "./cache.ts";
import { isCifarFolder, isCifarPath, openCifar } from "./cifar.ts";
import type { Dataset, StoredDataset } from "./dataset.ts";
import { DatasetNotFoundError } from "./errors.ts";
import { fetchKnownDataset, type FetchOptions, listKnownNames } from "./fetch.ts";
import { parseIdx } from "./idx.ts";
import { joinIdxImages, openIdxImages } from "./idx_images.ts";
import { findFile, isAbsence, readKnownFile } from "./known_file.ts";
import { type ImageSize, isPngFolder, openPngFolder } from "./png_folder.ts";
import { findKnownDataset, type KnownDataset, type KnownSplit, MNIST } from "./registry.ts";
import { loadTable } from "./table.ts";
import type { TableLayoutOptions } from "./table_layout.ts";

/** Settings of {@link openDataset}. */
export interface OpenOptions extends FetchOptions, Omit<TableLayoutOptions, "file"> {
  /** Which part of the data is wanted. A table file and a single file of CIFAR records are one part whatever is asked for. */
  split: "train" | "test";
  /** Class names of a trained model: they keep their places, classes it does not know are appended. */
  labelNames?: readonly string[];
  /** The size that the images of a folder of PNG images are brought to; without it they must agree. Other data have one size and leave this aside. */
  size?: ImageSize;
  /**
   * Bytes of pixels above which they stay in their files, IDX or CIFAR's records as they are, and are read when they are asked for; {@linkcode openDataset} then
   * gives a {@linkcode StoredDataset}. All data are loaded when left out; known sets, archives, compressed files, PNG images and tables are in any case.
   */
  loadLimit?: number;
}

/** What `openDataset` of on_demand.ts runs. */
export async function openDataset(source: string, options: OpenOptions & { loadLimit?: undefined }): Promise<Dataset>;
export async function openDataset(source: string, options: OpenOptions): Promise<Dataset | StoredDataset>;
export async function openDataset(source: string, options: OpenOptions): Promise<Dataset | StoredDataset> {
  const known = findKnownDataset(source);
  if (known !== undefined) return await openKnown(known, options);
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(source);
  } catch (error) {
    if (!isAbsence(error)) throw error;
    throw new DatasetNotFoundError(source, `is no known data set (${listKnownNames()}) and no file or folder`);
  }
  if (!info.isDirectory) return await (isCifarPath(source) ? openCifar : loadTable)(source, options);
  if (await isCifarFolder(source)) return await openCifar(source, options);
  const files = MNIST[options.split];
  const paths = await findSplit(source, files);
  if (paths === undefined) {
    if (await isPngFolder(source)) return await openPngFolder(source, options);
    throw new DatasetNotFoundError(
      source,
      `is a folder without the IDX files of the ${options.split} split: wanted ${files.images.name} and ${files.labels.name}, compressed or not, ` +
        "or the files of CIFAR-10 or CIFAR-100, or folders of PNG images, one a class",
    );
  }
  const { labelNames, loadLimit = Infinity } = options;
  const dataset = await openIdxImages(paths.images, paths.labels, { name: source, labelNames, loadLimit });
  return { ...dataset, split: options.split };
}

interface SplitPaths {
  images: string;
  labels: string;
}

async function openKnown(known: KnownDataset, options: OpenOptions): Promise<Dataset> {
  const { name, classNames } = known;
  const dataDir = resolveDataDir(options.dataDir);
  const split = known[options.split];
  let paths = await findSplit(`${dataDir}/${name}`, split) ?? await findSplit(dataDir, split);
  if (paths === undefined) {
    const { folder } = await fetchKnownDataset(known, { ...options, dataDir });
    paths = await findSplit(folder, split);
  }
  if (paths === undefined) throw new DatasetNotFoundError(name, `vanished from ${dataDir} after it was fetched`);
  const [images, labels] = await Promise.all([
    readKnownFile(paths.images, split.images),
    readKnownFile(paths.labels, split.labels),
  ]);
  const dataset = joinIdxImages(
    { file: paths.images, ...parseIdx(images, { file: paths.images }) },
    { file: paths.labels, ...parseIdx(labels, { file: paths.labels }) },
    { name, classNames, labelNames: options.labelNames },
  );
  return { ...dataset, split: options.split };
}

async function findSplit(folder: string, files: KnownSplit): Promise<SplitPaths | undefined> {
  const [images, labels] = await Promise.all([
    findFile(folder, files.images.name),
    findFile(folder, files.labels.name),
  ]);
  return images !== undefined && labels !== undefined ? { images, labels } : undefined;
}
