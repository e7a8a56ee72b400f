/**
 * Packed models behind HTTP, on a page, and as modules of their own.
 *
 * @module
 */

export { createHandler, type Handler, type HandlerOptions } from "./handler.ts";
export type { Limits } from "./limits.ts";
