/**
 * What a projection network beside the trainer costs: the fitting loop as `train` runs it, with and without 720 bits and a linear head.
 *
 * @module
 */
import {
  AdamW,
  type Dataset,
  fit,
  hash32,
  mlpTrainer,
  type Module,
  paperLambda,
  Region,
  standardize,
  useKernels,
} from "../mod.ts";
import { ProjectionNetwork } from "../lib/joint/mod.ts";
import type { Training } from "./problem.ts";

/** Rows in an epoch, which is what one step of {@linkcode jointTraining} is. */
export const rowsPerEpoch = 1024;

/** Epochs of a 784-1000-1000-1000-10 trainer, alone or with a projection network. */
export function jointTraining(options: { threads: number; projection: boolean }): Training {
  const data = images(rowsPerEpoch);
  const region = new Region();
  const shape = { classes: 10, seed: 1 };
  const trainer = region.run(() => mlpTrainer({ inputs: 784, hidden: [1000, 1000, 1000], ...shape }));
  const networks = options.projection
    ? [region.run(() => new ProjectionNetwork({ functions: 60, bitsPerFunction: 12, features: 784, ...shape }))]
    : [];
  const bytes = { features: data.features as Uint8Array, count: data.count };
  for (const network of networks) network.fitThresholds(bytes);
  const training = {
    count: data.count,
    labels: data.labels,
    features: standardize(data)(data),
    codes: networks.map((network) => network.encode(bytes)),
  };
  const modules: Module[] = [trainer, ...networks];
  const optimizers = region.run(() => modules.map(({ parameters }) => new AdamW(parameters, { learningRate: 1e-4 })));

  return {
    activate() {
      useKernels({ threads: options.threads });
      return Promise.resolve();
    },
    async run(epochs) {
      await fit(trainer, {
        training,
        networks: networks.map((head) => ({
          head,
          codeBytes: head.codeBytes,
          gather: (codes: Uint8Array, rows: Uint32Array) => head.gather(codes, rows),
          lambda: [paperLambda[1], paperLambda[2]] as const,
        })),
        optimizers,
        epochs,
        batchSize: 128,
        seed: 1,
      });
      return NaN;
    },
    dispose: () => region.dispose(),
  };
}

function images(count: number): Dataset {
  return {
    name: "noise",
    input: { kind: "image", width: 28, height: 28, channels: 1 },
    count,
    featureLength: 784,
    features: Uint8Array.from({ length: count * 784 }, (_, i) => hash32(93, 0, i) & 255),
    labels: Uint16Array.from({ length: count }, (_, i) => hash32(94, 0, i) % 10),
    labelNames: Array.from({ length: 10 }, (_, i) => String(i)),
  };
}
