/**
 * Chooses what computes a projection in WebAssembly.
 *
 * @module
 */

import type { FunctionReference, ModuleBuilder } from "../../kernels/wasm/assembler/mod.ts";
import { prepareProjection, type Projection, type ProjectionSpec } from "../../projection/mod.ts";
import type { CodeArea } from "./code_area.ts";
import { defineConv } from "./conv.ts";
import { defineDense } from "./dense.ts";
import { defineHadamard } from "./hadamard.ts";
import type { Layout } from "./layout.ts";
import { defineTaps } from "./taps.ts";
import { hasUnsignedDots } from "./unsigned_dots.ts";

/**
 * Adds the function that turns a sample of bytes into its code.
 *
 * @param module gets the function: (address of the sample)
 * @param layout gets what it reads
 * @param spec the projection; one of patches is multiplied as whole rows
 * @param places where the code goes, and, for the family conv, the counts when the head reads them
 * @returns the function
 */
export function defineProjection(
  module: ModuleBuilder,
  layout: Layout,
  spec: ProjectionSpec,
  { area, counts }: { area: CodeArea; counts?: number },
): FunctionReference {
  switch (spec.family) {
    case "hadamard":
      return defineHadamard(module, layout, spec, area);
    case "taps":
      return defineTaps(module, layout, spec, area);
    case "conv":
      return defineConv(module, layout, spec, { area, counts, unsignedDots: hasUnsignedDots() });
    default: {
      const matrix = prepareProjection(spec) as Required<Projection>;
      return defineDense(module, layout, matrix, { area, unsignedDots: hasUnsignedDots() });
    }
  }
}
