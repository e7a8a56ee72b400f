/**
 * A model as a WebAssembly instance: assembled from its projection and head, with a small memory of its own.
 *
 * @module
 */

import { type FunctionReference, I32, i32, ModuleBuilder } from "../../kernels/wasm/assembler/mod.ts";
import { bitsOf, hadamardPlan, MAX_PROJECTION_ENTRIES } from "../../projection/mod.ts";
import type { Engine } from "../classifier.ts";
import type { HeadLayer, PnetModel } from "../model.ts";
import { prepareQuantizer } from "../quantize.ts";
import { type CodeArea, planCode } from "./code_area.ts";
import { suitsConv } from "./conv.ts";
import { DENSE_GROUP } from "./dense.ts";
import { defineFloatLayer } from "./float_layer.ts";
import { defineIntegerLayer } from "./integer_layer.ts";
import { Layout } from "./layout.ts";
import { defineProjection } from "./projection.ts";
import { defineTableLayer } from "./table_layer.ts";

/** The most memory for samples that wait for one call, and the most samples. */
const BATCH_BYTES = 65536, BATCH_SAMPLES = 64;

/**
 * Assembles, compiles and starts the engine of a model.
 *
 * @param model what a file holds
 * @returns the engine, or undefined for what is left to the plain one: patches that would be too many whole rows, filters or cells of uncommon size
 * @throws {WebAssembly.CompileError} when the platform does not compile the module
 * @throws {RangeError} when it does not give the memory
 */
export function prepareWasmEngine(model: PnetModel): Engine | undefined {
  const { input, projection: spec, thresholds, head, labels } = model;
  if (spec.family === "conv" && !suitsConv(spec)) return undefined;
  if (spec.family === "patch" && bitsOf(spec) * spec.features > MAX_PROJECTION_ENTRIES) return undefined;
  const layout = new Layout();
  const module = new ModuleBuilder({ sharedMemory: false, globals: [] });
  const { features } = spec;
  const stride = spec.family === "hadamard" ? hadamardPlan(features).size : 16 * Math.ceil(features / 16);
  const batch = Math.max(1, Math.min(BATCH_SAMPLES, Math.floor(BATCH_BYTES / stride)));
  const samples = layout.reserve(batch * stride);
  const width = 4 * Math.ceil(labels.length / 4);
  const outputs = layout.reserve(4 * batch * width);
  const area = planCode(layout, thresholds, DENSE_GROUP);
  const counts = model.reads === "counts" ? layout.reserve(16 * Math.ceil(area.bits / 16)) : undefined;
  const project = defineProjection(module, layout, spec, { area, counts });
  const first = defineFirstLayer(module, layout, head[0], { area, counts });
  const hidden = layout.reserve(4 * head[0].outputs + 16);
  const last = head.length === 2 ? defineFloatLayer(module, layout, head[1], { hidden }) : undefined;
  module.function({}, (code) => code.call(project, samples), "encode");
  module.function({ count: I32 }, (code, { count }) => {
    const sample = code.let(i32(samples)), out = code.let(i32(outputs));
    code.for(0, count, 1, () => {
      code.call(project, sample);
      if (last === undefined) code.call(first, out);
      else {
        code.call(first, hidden);
        code.call(last, out);
      }
      code.increase(sample, stride);
      code.increase(out, 4 * width);
    });
  }, "logits");

  const memory = layout.memory();
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.encode()), { env: { memory } });
  const run = instance.exports as { encode(): void; logits(count: number): void };
  const quantize = prepareQuantizer(input);
  const slots = Array.from(
    { length: batch },
    (_, slot) => new Uint8Array(memory.buffer, samples + slot * stride, features),
  );
  const results = new Float32Array(memory.buffer, outputs, batch * width);
  const packed = new Uint8Array(memory.buffer, area.packed, Math.ceil(area.bits / 8));
  const classes = labels.length;
  return {
    runtime: "wasm",
    encode: (source, out) => {
      quantize(source, 0, slots[0]);
      run.encode();
      out.set(packed);
    },
    logits: (source, out) => {
      const rows = out.length / classes;
      for (let first = 0, to = 0; first < rows; first += batch) {
        const count = Math.min(batch, rows - first);
        for (let slot = 0; slot < count; slot++) quantize(source, first + slot, slots[slot]);
        run.logits(count);
        for (let slot = 0, from = 0; slot < count; slot++, from += width) {
          for (let j = 0; j < classes; j++) out[to++] = results[from + j];
        }
      }
    },
  };
}

/** What a projection fills in and the first layer reads: the code, and the counts when the head reads those. */
interface Inputs {
  area: CodeArea;
  counts: number | undefined;
}

function defineFirstLayer(
  module: ModuleBuilder,
  layout: Layout,
  layer: HeadLayer,
  { area, counts }: Inputs,
): FunctionReference {
  if (layer.tableBits !== undefined) return defineTableLayer(module, layout, layer, area);
  const inputs = counts === undefined ? { bits: area } : { counts };
  return layer.precision === "float"
    ? defineFloatLayer(module, layout, layer, inputs)
    : defineIntegerLayer(module, layout, layer, inputs);
}
