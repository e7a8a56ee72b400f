/**
 * `export`: a packed model, or a network of a checkpoint, as ONNX.
 */
import { writeFileWhole } from "../data/mod.ts";
import { decodePnet } from "../packed/mod.ts";
import { isCheckpoint } from "./checkpoint_options.ts";
import { checkWritable } from "./check_writable.ts";
import { type Command, defineCommand, type Invocation } from "./command.ts";
import { UsageError } from "./errors.ts";
import { count } from "./format.ts";
import { naming, readModelBytes } from "./model.ts";
import { integer, text } from "./option_values.ts";
import { OUT_PERMISSION } from "./permissions.ts";

const OPTIONS = {
  onnx: { value: "FILE", help: "the ONNX file to write", parse: text, required: true },
  network: {
    value: "WHICH",
    help: "the network of a checkpoint: trainer, or the number of a projection network from 1 (otherwise trainer)",
    parse: networkOf,
  },
} as const;

/** The trainer, or the place of a projection network from 0. */
function networkOf(given: string): "trainer" | number {
  return given === "trainer" ? given : integer({ min: 1 })(given) - 1;
}

async function run(invocation: Invocation<typeof OPTIONS>): Promise<number> {
  const { positionals: [path], options, output } = invocation;
  await checkWritable(options.onnx);
  if (await isCheckpoint(path)) return await exportFromCheckpoint(path, invocation);
  if (options.network !== undefined) throw new UsageError(`--network is for checkpoints, and ${path} is none`);
  const bytes = await readModelBytes(path);
  const model = naming(path, () => decodePnet(bytes));
  const { exportProjection } = await import("../onnx/mod.ts");
  const onnx = exportProjection(model);
  await writeFileWhole(options.onnx, onnx);
  await output.show(
    `${options.onnx}: ${count(onnx.length)} bytes, since ONNX has no seeds: the random projection is written out ` +
      `(${path}: ${count(bytes.length)})`,
  );
  await output.result({ out: options.onnx, onnxBytes: onnx.length, modelBytes: bytes.length });
  return 0;
}

async function exportFromCheckpoint(
  path: string,
  { options: { network = "trainer", onnx: out }, output }: Invocation<typeof OPTIONS>,
): Promise<number> {
  const { readCheckpoint } = await import("../joint/mod.ts");
  const checkpoint = await readCheckpoint(path);
  const { exportProjection, exportTrainer } = await import("../onnx/mod.ts");
  const onnx = network === "trainer"
    ? await exportTrainer(checkpoint.trainer())
    : exportProjection(checkpoint.model(network));
  await writeFileWhole(out, onnx);
  const { networks, epoch } = checkpoint.fitting!;
  const { name, bestEpoch } = networks[network === "trainer" ? 0 : network + 1];
  const from = bestEpoch === 0
    ? "from before the end of the first epoch"
    : `of epoch ${bestEpoch}, the best of ${epoch}`;
  await output.show(`${out}: ${count(onnx.length)} bytes, ${name} ${from}, out of ${checkpoint.path}`);
  await output.result({ out, onnxBytes: onnx.length, checkpoint: checkpoint.path, network: name, bestEpoch });
  return 0;
}

/** The command `export`. */
export const command: Command = defineCommand({
  name: "export",
  description:
    "Writes a packed model as ONNX, with the same bits and labels in every engine: raw samples go in, code, logits, probabilities and class come out; or a " +
    "network out of a checkpoint, at its best epoch so far. (The full network of a training is written by train --save-trainer, and trained further with train " +
    "--trainer onnx:FILE --fine-tune, as one out of a checkpoint is.)",
  positionals: [{
    name: "MODEL|CHECKPOINT",
    help: "a packed model (.pnet) of images or a table; a folder of checkpoints, or one of its files",
  }],
  options: OPTIONS,
  permissions: [["--allow-read=MODEL", "the model, or the checkpoint"], OUT_PERMISSION],
  examples: ["% export mnist.pnet --onnx mnist.onnx", "% export mnist-state --onnx trainer.onnx"],
  run,
});
