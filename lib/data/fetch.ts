/**
 * Fetching a known data set into the data folder. Each file comes from the first origin that delivers it with the right
 * checksum; files that are there and right are left alone, files that are damaged are replaced.
 */

import { pathInside, resolveDataDir, writeFileWhole } from "./cache.ts";
import { DataFormatError, DatasetFetchError, DatasetNotFoundError, type FailedOrigin } from "./errors.ts";
import { isGzip } from "./gzip.ts";
import { findFile, isAbsence, nameVariants, readKnownFile, verifyKnownFile } from "./known_file.ts";
import { describeOrigin, readFromOrigin } from "./origins.ts";
import { findKnownDataset, KNOWN_DATASETS, type KnownDataset, type KnownFile, knownFiles } from "./registry.ts";

/** How far a fetch has come. */
export interface FetchProgress {
  /** Name of the data set. */
  name: string;
  /** The file on its way. */
  file: string;
  /** The file's place among the set's files, counted from 1. */
  index: number;
  /** Number of files of the set. */
  files: number;
  /** Where it comes from. */
  origin: string;
  /** Bytes of the file that have arrived. */
  received: number;
  /** Bytes that will arrive, as far as the origin says. */
  total?: number;
}

/** Settings of {@link fetchDataset}. */
export interface FetchOptions {
  /** The data folder; see {@link resolveDataDir} for the default. */
  dataDir?: string;
  /** Told as bytes arrive. */
  onProgress?: (progress: FetchProgress) => void;
  /** Stops the fetch; files that are complete stay. */
  signal?: AbortSignal;
}

/** One file of a fetched data set. */
export interface FetchedFile {
  /** Where it is now. */
  path: string;
  /** Where it came from; undefined when it was there before. */
  origin?: string;
}

/** A data set whose files are all in place. */
export interface FetchResult {
  /** Name of the data set. */
  name: string;
  /** The folder that holds its files. */
  folder: string;
  /** Its files. */
  files: FetchedFile[];
}

/** What `fetchDataset` of on_demand.ts runs. */
export async function fetchDataset(name: string, options: FetchOptions = {}): Promise<FetchResult> {
  const known = findKnownDataset(name);
  if (known === undefined) throw new DatasetNotFoundError(name, `is no known data set: wanted ${listKnownNames()}`);
  return await fetchKnownDataset(known, options);
}

/** The names of the known data sets, for messages. */
export function listKnownNames(): string {
  return KNOWN_DATASETS.map(({ name }) => name).join(" or ");
}

/** {@link fetchDataset} for a data set that need not be in the registry. */
export async function fetchKnownDataset(known: KnownDataset, options: FetchOptions = {}): Promise<FetchResult> {
  const folder = pathInside(resolveDataDir(options.dataDir), known.name);
  await Deno.mkdir(folder, { recursive: true });
  const wanted = knownFiles(known);
  const files: FetchedFile[] = [];
  for (const [index, file] of wanted.entries()) {
    const present = await findIntact(folder, file);
    files.push(present ?? await fetchFile(file, { ...options, known, folder, index: index + 1, files: wanted.length }));
  }
  return { name: known.name, folder, files };
}

async function findIntact(folder: string, file: KnownFile): Promise<FetchedFile | undefined> {
  const path = await findFile(folder, file.name);
  if (path === undefined) return undefined;
  try {
    await readKnownFile(path, file);
    return { path };
  } catch (error) {
    if (error instanceof DataFormatError) return undefined;
    throw error;
  }
}

interface FetchFileOptions extends FetchOptions {
  known: KnownDataset;
  folder: string;
  index: number;
  files: number;
}

async function fetchFile(file: KnownFile, options: FetchFileOptions): Promise<FetchedFile> {
  const { known, folder, index, files, onProgress, signal } = options;
  const failures: FailedOrigin[] = [];
  for (const source of known.origins) {
    const origin = describeOrigin(source);
    const onBytes = (received: number, total: number | undefined) =>
      onProgress?.({ name: known.name, file: file.name, index, files, origin, received, total });
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await readFromOrigin(source, file, { onBytes, signal });
      await verifyKnownFile(bytes, { known: file, file: file.name });
    } catch (error) {
      signal?.throwIfAborted();
      failures.push({ origin, reason: error instanceof Error ? error.message : String(error) });
      continue;
    }
    return { path: await store(bytes, { folder, file }), origin };
  }
  throw new DatasetFetchError(`${folder}/${file.name}`, failures);
}

/** Keeps the bytes as they came, and removes the file's other variants: a damaged one would be found first. */
async function store(
  bytes: Uint8Array,
  { folder, file }: { folder: string; file: KnownFile },
): Promise<string> {
  const path = pathInside(folder, isGzip(bytes) ? `${file.name}.gz` : file.name);
  await writeFileWhole(path, bytes);
  for (const variant of nameVariants(file.name)) {
    const other = `${folder}/${variant}`;
    if (other === path) continue;
    await Deno.remove(other).catch((error) => {
      if (!isAbsence(error)) throw error;
    });
  }
  return path;
}
