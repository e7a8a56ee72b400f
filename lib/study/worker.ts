/**
 * Units of a study, one after the other, on a thread of their own.
 *
 * @module
 */
import { train, type TrainOptions, type TrainTextOptions, trainTexts } from "../joint/mod.ts";
import { type KernelVariant, useKernels } from "../kernels/mod.ts";
import type { UnitOutcome } from "./folder.ts";

/** What a worker is asked to do. */
export interface UnitTask {
  /** The training, without what cannot be sent. */
  readonly options: TrainOptions | TrainTextOptions;
  /** Numeric kernels. */
  readonly kernels: KernelVariant | "auto";
  /** Threads that share the work. */
  readonly threads: number;
}

/** What a worker says: how far it is, then what it found, or why it could not. */
export type UnitMessage =
  | { readonly fraction: number }
  | { readonly outcome: Omit<UnitOutcome, "plan"> }
  | { readonly problem: string };

/** The worker's side of its channel. */
const channel = globalThis as unknown as {
  onmessage: (event: MessageEvent<UnitTask>) => void;
  postMessage(message: UnitMessage): void;
};

channel.onmessage = async ({ data }): Promise<void> => {
  try {
    channel.postMessage({ outcome: await trainUnit(data) });
  } catch (error) {
    channel.postMessage({ problem: error instanceof Error ? error.message : String(error) });
  }
};

async function trainUnit({ options, kernels, threads }: UnitTask): Promise<Omit<UnitOutcome, "plan">> {
  useKernels({ variant: kernels, threads: kernels === "reference" ? undefined : threads });
  const onProgress: TrainOptions["onProgress"] = ({ step, steps }) => channel.postMessage({ fraction: step / steps });
  const { trainer, networks, seed } = "texts" in options.data
    ? await trainTexts({ ...options as TrainTextOptions, onProgress })
    : await train({ ...options as TrainOptions, onProgress });
  return {
    seed,
    trainer: {
      parameters: trainer.parameters,
      bestEpoch: trainer.bestEpoch,
      validationAccuracy: trainer.validationAccuracy!,
      testAccuracy: trainer.testAccuracy,
    },
    networks: networks.map(({ bits, parameters, bytes, bestEpoch, validationAccuracy, test }) => ({
      bits,
      parameters,
      modelBytes: bytes.length,
      bestEpoch,
      validationAccuracy: validationAccuracy!,
      testAccuracy: test?.accuracy ?? null,
    })),
  };
}
