/**
 * The smallest runtime that runs a model.
 *
 * @module
 */

import { type AnyModel, isTextModel } from "../packed/mod.ts";
import { type Bundle, convRuntime, rowsRuntime, textRuntime, trunkRuntime } from "./generated.ts";

/**
 * Chooses a runtime.
 *
 * @param model the model
 * @returns its code, and the name of its entry point
 */
export function runtimeFor(model: AnyModel): { bundle: Bundle; entry: string } {
  if (isTextModel(model)) return { bundle: textRuntime, entry: "runtime/text" };
  if (model.trunk !== undefined) return { bundle: trunkRuntime, entry: "runtime/trunk" };
  if (model.projection.family === "conv") return { bundle: convRuntime, entry: "runtime/conv" };
  return { bundle: rowsRuntime, entry: "runtime/rows" };
}
