/**
 * Finding and verifying the files of known data sets. Nothing is used before its size and SHA-256 have been checked.
 */

import { DataFormatError } from "./errors.ts";
import { gunzip, isGzip } from "./gzip.ts";
import { type Fingerprint, KNOWN_DATASETS, type KnownFile, knownFiles } from "./registry.ts";

/**
 * The names under which an IDX file may stand in a folder, in the order in which they are looked for: the official one, the
 * one with a dot that some tools make of it (`train-images.idx3-ubyte`), and both with `.gz`.
 */
export function nameVariants(name: string): string[] {
  const dotted = name.replace("-idx", ".idx");
  return [name, dotted, `${name}.gz`, `${dotted}.gz`];
}

/** The path of an IDX file in a folder, under the first of its {@link nameVariants} that is there; else undefined. */
export async function findFile(folder: string, name: string): Promise<string | undefined> {
  for (const variant of nameVariants(name)) {
    const path = `${folder}/${variant}`;
    try {
      if ((await Deno.stat(path)).isFile) return path;
    } catch (error) {
      if (!isAbsence(error)) throw error;
    }
  }
  return undefined;
}

/** Whether an error of the file system says that there is nothing at a path. */
export function isAbsence(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}

/** Reads a file of a known data set; see {@link verifyKnownFile}. */
export async function readKnownFile(path: string, known: KnownFile): Promise<Uint8Array<ArrayBuffer>> {
  return await verifyKnownFile(await Deno.readFile(path), { known, file: path });
}

/** What bytes are to be verified against. */
export interface VerifyOptions {
  /** The file that the bytes should be. */
  known: KnownFile;
  /** Where they come from, for errors. */
  file: string;
}

/**
 * The uncompressed bytes of a known file, which may come plain or compressed by anybody. A wrong size, a wrong checksum or a
 * damaged compression is a {@link DataFormatError}.
 */
export async function verifyKnownFile(
  bytes: Uint8Array<ArrayBuffer>,
  { known, file }: VerifyOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!isGzip(bytes)) {
    await check(bytes, { known, file });
    return bytes;
  }
  const official = bytes.length === known.gzip.bytes && await sha256(bytes) === known.gzip.sha256;
  const plain = await gunzip(bytes, { file, announce: () => known.bytes });
  if (!official) await check(plain, { known, file });
  return plain;
}

async function check(bytes: Uint8Array<ArrayBuffer>, { known, file }: VerifyOptions): Promise<void> {
  if (bytes.length !== known.bytes) {
    throw new DataFormatError(`the file has ${bytes.length} bytes, wanted ${known.bytes}`, {
      file,
      byte: Math.min(bytes.length, known.bytes),
    });
  }
  const found = await sha256(bytes);
  if (found === known.sha256) return;
  const owner = KNOWN_DATASETS.find((other) => knownFiles(other).some((candidate) => candidate.sha256 === found));
  const hint = owner === undefined ? "" : ` (it is the file of ${owner.name})`;
  throw new DataFormatError(`the SHA-256 of the content is ${found}${hint}, wanted ${known.sha256}`, { file });
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Fingerprint["sha256"]> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
