/**
 * How many units fit into memory at once.
 *
 * @module
 */
import type { Dataset, TextDataset } from "../data/mod.ts";
import type { StudyNetwork, StudyTraining } from "./plan.ts";

/** A worker with its code and kernels, before it has any data. */
const workerBytes = 160e6;

/** A parameter as float32, its gradient, the two averages of AdamW and the copy of the best epoch. */
const bytesOfParameter = 20;

/** Bytes that a unit takes, roughly and rather too many: its rows, the codes of its networks, and what is trained. */
export function unitMemory(
  { data, networks, training = {} }: {
    data: Dataset | TextDataset;
    networks: readonly StudyNetwork[];
    training?: StudyTraining;
  },
): number {
  const { count, labelNames: { length: classes } } = data;
  const isText = "texts" in data;
  // A text becomes lists of tokens, for the trainer and for each network, of about a token a character.
  const rows = isText
    ? data.texts.reduce((sum, text) => sum + text.length, 0) * 8 * (networks.length + 1)
    : data.features.byteLength;
  let codes = 0, parameters = 0;
  for (const { functions, bitsPerFunction = 1, hidden, ...kind } of networks) {
    const isConv = "family" in kind && kind.family === "conv";
    const bits = functions * (isConv ? 16 : bitsPerFunction);
    if (!isText) codes += count * ("reads" in kind && kind.reads === "counts" ? bits : bits / 8);
    parameters += bits * (hidden ?? classes) + (hidden ?? 0) * classes;
  }
  const { hidden: widths = [256, 256] } = training.trainer ?? {};
  let inputs = isText ? 1024 : data.featureLength;
  for (const width of [...widths, classes]) {
    parameters += inputs * width;
    inputs = width;
  }
  return workerBytes + 1.1 * rows + codes + bytesOfParameter * parameters;
}

/** Bytes of memory that are free for this process; infinite where the platform does not tell. */
export function availableMemory(): number {
  return Math.min(systemMemory(), groupMemory());
}

function systemMemory(): number {
  try {
    // Without a question to the user: it is no more than a precaution.
    const { state } = Deno.permissions.querySync({ name: "sys", kind: "systemMemoryInfo" });
    return state === "granted" ? Deno.systemMemoryInfo().available : Infinity;
  } catch {
    return Infinity;
  }
}

/** What the control group of a container leaves; infinite outside of any. */
function groupMemory(folder = "/sys/fs/cgroup"): number {
  try {
    if (Deno.permissions.querySync({ name: "read", path: folder }).state !== "granted") return Infinity;
    const [most, used] = ["memory.max", "memory.current"].map((name) =>
      Number(Deno.readTextFileSync(`${folder}/${name}`))
    );
    return Number.isFinite(most) ? most - used : Infinity;
  } catch {
    return Infinity;
  }
}
