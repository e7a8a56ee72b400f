/**
 * Where the bytes of a model come from.
 *
 * @module
 */

import { PnetFormatError } from "./errors.ts";

/**
 * The bytes of a model.
 *
 * @param source bytes, or base64 text (RFC 4648, section 4)
 * @returns the bytes
 * @throws {PnetFormatError} when the text is no base64
 */
export function bytesOf(source: Uint8Array | string): Uint8Array {
  if (typeof source !== "string") return source;
  try {
    // Deno takes 4 ms to load what atob needs, so that it is called only where there is nothing newer.
    return Uint8Array.fromBase64?.(source) ?? Uint8Array.from(atob(source), (character) => character.charCodeAt(0));
  } catch {
    throw new PnetFormatError("reading .pnet: the text is no base64", 0);
  }
}

/**
 * Fetches the bytes of a model.
 *
 * @param url where the file is
 * @returns the bytes
 * @throws {Error} when the server answers with anything but success
 */
export async function fetchBytes(url: string | URL): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`fetching ${url}: the status is ${response.status}, wanted 200`);
  }
  return new Uint8Array(await response.arrayBuffer());
}
