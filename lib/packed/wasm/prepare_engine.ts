/**
 * The engine in WebAssembly where there is one, else the plain one.
 *
 * @module
 */

import { prepareProduct } from "../../projection/mod.ts";
import type { Engine } from "../classifier.ts";
import type { PnetModel } from "../model.ts";
import { preparePlainEngine } from "../plain_engine.ts";
import { prepareWasmEngine } from "./engine.ts";

/**
 * Lays a model without a trunk out for speed.
 *
 * @param model what a file holds
 * @returns the engine
 */
export function prepareEngine(model: PnetModel): Engine {
  return unlessImpossible(() => prepareWasmEngine(model)) ?? preparePlainEngine(model, prepareProduct);
}

/**
 * Tries something that needs WebAssembly.
 *
 * @param prepare assembles, compiles and starts it
 * @returns what it gives, or undefined where the platform has no WebAssembly SIMD or not the memory
 */
export function unlessImpossible<T>(prepare: () => T): T | undefined {
  if (typeof WebAssembly === "undefined") return;
  try {
    return prepare();
  } catch (error) {
    if (error instanceof WebAssembly.CompileError || error instanceof RangeError) return;
    throw error;
  }
}
