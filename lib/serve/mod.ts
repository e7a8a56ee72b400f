/**
 * Packed models behind HTTP, on a page, and as modules of their own.
 *
 * @module
 */

export { createHandler, type Handler, type HandlerOptions } from "./handler.ts";
export type { Limits } from "./limits.ts";
export { embedModel, renderPage } from "./on_demand.ts";
export type { EmbedOptions } from "./embed.ts";
export type { PageOptions } from "./page.ts";
