/** Small files for the tests of the data room: IDX arrays, gzip, a known data set of twelve images, temporary folders. */

import type { Fingerprint, KnownDataset, KnownFile } from "../../lib/data/registry.ts";

/** An IDX file written by hand from its description, apart from the reader's code. */
export function idxBytes(dimensions: number[], values: ArrayLike<number>, type = 0x08): Uint8Array<ArrayBuffer> {
  const bytes = [0, 0, type, dimensions.length];
  for (const size of dimensions) bytes.push(size >>> 24, (size >>> 16) & 255, (size >>> 8) & 255, size & 255);
  return Uint8Array.from([...bytes, ...Array.from(values)]);
}

export async function gzipped(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export async function fingerprint(bytes: Uint8Array<ArrayBuffer>): Promise<Fingerprint> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { bytes: bytes.length, sha256 };
}

/** A data set that is complete but small: 3×2 images, 12 to train, 6 to test, three classes. */
export interface TinySet {
  known: KnownDataset;
  /** Uncompressed content by file name. */
  plain: Map<string, Uint8Array<ArrayBuffer>>;
  /** The "official" compressed files by file name (without `.gz`). */
  compressed: Map<string, Uint8Array<ArrayBuffer>>;
}

export async function tinySet(origins: KnownDataset["origins"] = []): Promise<TinySet> {
  const plain = new Map<string, Uint8Array<ArrayBuffer>>();
  const compressed = new Map<string, Uint8Array<ArrayBuffer>>();
  const file = async (name: string, bytes: Uint8Array<ArrayBuffer>): Promise<KnownFile> => {
    const gzip = await gzipped(bytes);
    plain.set(name, bytes);
    compressed.set(name, gzip);
    return { name, ...await fingerprint(bytes), gzip: await fingerprint(gzip) };
  };
  const split = async (stem: string, count: number) => ({
    images: await file(`${stem}-images-idx3-ubyte`, idxBytes([count, 2, 3], range(count * 6))),
    labels: await file(`${stem}-labels-idx1-ubyte`, idxBytes([count], range(count).map((i) => i % 3))),
  });
  const train = await split("train", 12);
  const test = await split("t10k", 6);
  const known = { name: "tiny", description: "tiny", classNames: ["ant", "bee", "cat"], train, test, origins };
  return { known, plain, compressed };
}

export function concatenated(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

export async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

export function text(content: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(content);
}

export async function listFolder(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
}

/** Runs a server for as long as the body takes; its address ends with a slash. */
export async function withServer(
  answer: (request: Request) => Response,
  body: (base: string) => Promise<void>,
): Promise<void> {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {}, onError: () => new Response() },
    answer,
  );
  try {
    await body(`http://127.0.0.1:${server.addr.port}/`);
  } finally {
    await server.shutdown();
  }
}

/** Puts all files of a tiny set into a folder. */
export async function writeFiles(
  folder: string,
  { files, suffix = "" }: { files: Map<string, Uint8Array>; suffix?: string },
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, bytes] of files) await Deno.writeFile(`${folder}/${name}${suffix}`, bytes);
}
