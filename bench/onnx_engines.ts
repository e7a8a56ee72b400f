/**
 * Exported models under other engines, on the whole MNIST test set: onnxruntime in WebAssembly and onnxruntime as native code, whose kernels for this
 * processor are others. A packed model has to give the same code and class as the runtime, a trainer network the same logits within 1e-4.
 *
 *     deno run -A bench/onnx_engines.ts model.pnet trainer.onnx …
 *
 * @module
 */
import native from "npm:onnxruntime-node@1.23.2";
import * as web from "npm:onnxruntime-web@1.23.2/wasm";
import { openDataset, Region, restoreTrainer, standardizeBy } from "../mod.ts";
import { exportProjection, importTrainer } from "../lib/onnx/mod.ts";
import { decodePnet } from "../lib/packed/mod.ts";
import { loadPnetWasm } from "../lib/packed/runtime_trunk_wasm.ts";

/** What a model gives for a batch: logits and classes, and the code of a packed model. */
interface Answers {
  readonly logits: ArrayLike<number>;
  readonly classes: ArrayLike<number>;
  readonly code?: ArrayLike<number>;
}

interface Job {
  readonly name: string;
  readonly onnx: Uint8Array;
  readonly own: (pixels: Uint8Array, rows: number) => Answers;
}

const rows = 500, pixelsOfImage = 784;

function packed(name: string, bytes: Uint8Array): Job {
  const model = decodePnet(bytes), classifier = loadPnetWasm(bytes);
  if (model.input.kind === "text") throw new Error(`${name} reads texts`);
  const own = (pixels: Uint8Array): Answers => {
    const answers = classifier.classifyBatch(pixels);
    const code = answers.flatMap((_, row) => {
      const packed = classifier.codes(pixels.subarray(row * pixelsOfImage, (row + 1) * pixelsOfImage));
      return Array.from({ length: classifier.bits }, (_, k) => (packed[k >> 3] >> (k & 7)) & 1);
    });
    return {
      logits: answers.flatMap(({ logits }) => Array.from(logits)),
      classes: answers.map(({ index }) => index),
      code: model.reads === "counts" ? undefined : code,
    };
  };
  return { name, onnx: exportProjection(model), own };
}

async function trainer(name: string, onnx: Uint8Array): Promise<Job> {
  const saved = await importTrainer(onnx), network = await restoreTrainer(saved);
  const own = (features: Uint8Array, count: number): Answers => {
    using region = new Region();
    const logits = region.run(() => {
      const rows = standardizeBy(saved.standardization)({
        ...saved.shape,
        count,
        features,
        labels: new Uint16Array(count),
      });
      return network.forward(rows.gather(Uint32Array.from({ length: count }, (_, row) => row)));
    }).data.slice();
    const classes = Array.from({ length: count }, (_, row) => {
      const of = Array.from(logits.subarray(row * 10, row * 10 + 10));
      return of.indexOf(Math.max(...of));
    });
    return { logits, classes };
  };
  return { name, onnx, own };
}

web.env.wasm.numThreads = 1;
const test = await openDataset("mnist", { split: "test" });
for (const path of Deno.args) {
  const bytes = await Deno.readFile(path);
  const { name, onnx, own } = path.endsWith(".pnet") ? packed(path, bytes) : await trainer(path, bytes);
  for (const [engine, { InferenceSession, Tensor }] of [["web", web], ["native", native]] as const) {
    const session = await InferenceSession.create(onnx, { executionProviders: [engine === "web" ? "wasm" : "cpu"] });
    let same = 0, wrongBits = 0, worst = 0, seconds = 0;
    for (let start = 0; start < test.count; start += rows) {
      const pixels = (test.features as Uint8Array).slice(start * pixelsOfImage, (start + rows) * pixelsOfImage);
      const wanted = own(pixels, rows);
      const began = performance.now();
      // All outputs: the native binding mixes up the names of some.
      const found = await session.run({ input: new Tensor("uint8", pixels, [rows, 28, 28, 1]) });
      seconds += (performance.now() - began) / 1000;
      const numbers = (output: string): number[] =>
        Array.from(found[output].data as ArrayLike<number | bigint>, Number);
      numbers("class").forEach((index, row) => same += Number(index === wanted.classes[row]));
      numbers("logits").forEach((value, at) => {
        worst = Math.max(worst, Math.abs(value - wanted.logits[at]) / Math.max(1, Math.abs(wanted.logits[at])));
      });
      if (wanted.code !== undefined) {
        numbers("code").forEach((bit, at) => wrongBits += Number(bit !== wanted.code![at]));
      }
    }
    await session.release();
    console.log(
      `${name}, onnxruntime-${engine}: the same class for ${same} of ${test.count}, ${wrongBits} bits differ, logits by up to ${
        worst.toExponential(1)
      }; ${(seconds / test.count * 1e6).toFixed(1)} µs a sample`,
    );
  }
}
