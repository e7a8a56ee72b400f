/**
 * The entrances to what holds the runtime as text. It is run when one of these is first called; its address is written out, so that a service needs no permission
 * to read it.
 *
 * @module
 */

import type { EmbedOptions } from "./embed.ts";
import type { PageOptions } from "./page.ts";

/**
 * Writes a page to try a model on: one file with the model, the runtime and what draws them, which needs nothing else.
 *
 * @param bytes a `.pnet` file
 * @param options what the page says
 * @returns HTML, for a server or a file
 * @throws {PnetFormatError} when the bytes are no model
 */
export async function renderPage(bytes: Uint8Array, options: PageOptions): Promise<string> {
  return await (await import("./page.ts")).renderPage(bytes, options);
}

/**
 * Writes a module whose default export is a model that is ready.
 *
 * @param bytes a `.pnet` file
 * @param options what the module looks like
 * @returns its source
 * @throws {PnetFormatError} when the bytes are no model
 */
export async function embedModel(bytes: Uint8Array, options: EmbedOptions = {}): Promise<string> {
  return (await import("./embed.ts")).embedModel(bytes, options);
}
