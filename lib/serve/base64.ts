/**
 * Bytes as base64 text (RFC 4648, section 4).
 *
 * @module
 */

/** Bytes that are turned into a string at once. */
const CHUNK = 8192;

/**
 * Encodes bytes.
 *
 * @param bytes any bytes
 * @returns the text, padded
 */
export function base64(bytes: Uint8Array): string {
  let characters = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    characters += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(characters);
}
