/**
 * Loads at once what the functions of the main entry load when they are first called, and exports nothing: for programs that can load nothing later, because
 * they are compiled (`deno compile`) or run without a network and from a cache that was filled before (`deno cache`).
 *
 * @example
 * ```ts
 * import "@neuralbits/projectionnet/all";
 * import { openDataset, train } from "@neuralbits/projectionnet";
 * ```
 *
 * @module
 */
import "../data/mod.ts";
import "../packed/mod.ts";
import "./mod.ts";
