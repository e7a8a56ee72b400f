/**
 * `inspect`: every section of a packed model or an ONNX file with its bytes, and what a checkpoint is of.
 */
import { inspectPnet, loadPnet } from "../packed/mod.ts";
import { type Command, defineCommand, type Invocation } from "./command.ts";
import { isCheckpoint } from "./checkpoint_options.ts";
import { count, duration, percent, table } from "./format.ts";
import { naming, readModelBytes } from "./model.ts";

type Output = Invocation<Record<never, never>>["output"];

interface Section {
  readonly name: string;
  readonly bytes: number;
  readonly detail: string;
}

async function run({ positionals, output }: Invocation<Record<never, never>>): Promise<number> {
  const [path] = positionals;
  if (await isCheckpoint(path)) return await showCheckpoint(path, output);
  const bytes = await readModelBytes(path);
  return isOnnx(path, bytes) ? await showOnnx(path, bytes, output) : await showPnet(path, bytes, output);
}

/** ONNX files begin with the field of their version, and have no other mark. */
function isOnnx(path: string, bytes: Uint8Array): boolean {
  return path.endsWith(".onnx") || (bytes[0] === 8 && !path.endsWith(".pnet"));
}

async function showPnet(path: string, bytes: Uint8Array, output: Output): Promise<number> {
  const sections = naming(path, () => inspectPnet(bytes));
  const classifier = naming(path, () => loadPnet(bytes));
  await showSections(sections, bytes, output);
  await output.result({ ...facts(sections, bytes), bits: classifier.bits, labels: classifier.labels });
  return 0;
}

async function showOnnx(path: string, bytes: Uint8Array, output: Output): Promise<number> {
  const { inspectOnnx, OnnxFormatError } = await import("../onnx/mod.ts");
  const { parts, operators, inputs, outputs, parameters } = naming(path, () => inspectOnnx(bytes), OnnxFormatError);
  await showSections(parts, bytes, output);
  await output.result({ ...facts(parts, bytes), operators, inputs, outputs, parameters });
  return 0;
}

async function showCheckpoint(path: string, output: Output): Promise<number> {
  const { readCheckpoint } = await import("../joint/mod.ts");
  const checkpoint = await readCheckpoint(path);
  const { run, seconds, kept, fitting, damaged, bytes } = checkpoint;
  for (const problem of damaged) output.note(problem);
  const at = fitting === undefined ? "before the first step" : [
    fitting.name,
    `${count(fitting.step)} of ${count(fitting.steps)} steps, ${fitting.epoch} of ${fitting.epochs} epochs done`,
  ].filter(Boolean).join(": ");
  const rows = (fitting?.networks ?? []).map(({ name, tensors, bestEpoch, validationAccuracy }) => [
    name,
    count(tensors.reduce((sum, { shape }) => sum + shape.reduce((size, length) => size * length, 1), 0)),
    bestEpoch === 0 ? "-" : String(bestEpoch),
    validationAccuracy === null ? "-" : percent(validationAccuracy),
  ]);
  await output.show(
    [
      `${checkpoint.path}: ${count(bytes)} bytes, a run of kind ${run.kind}, ${duration(seconds)} so far; ${at}`,
      ...(kept.length === 0 ? [] : [`done: ${kept.join(", ")}`]),
      ...(rows.length === 0 ? [] : [table([["network", "values", "best epoch", "validation"], ...rows])]),
    ].join("\n"),
  );
  await output.result({ checkpoint: checkpoint.path, bytes, seconds, kept, run, fitting: fitting ?? null });
  return 0;
}

async function showSections(sections: readonly Section[], { length }: Uint8Array, output: Output): Promise<void> {
  const rows = sections.map(({ name, bytes, detail }) => ({ cells: [name, count(bytes)], detail }));
  const columns = table([...rows.map(({ cells }) => cells), ["total", count(length)]]).split("\n");
  const shown = columns.map((line, i) => rows[i]?.detail ? `${line}  ${rows[i].detail}` : line);
  await output.show(shown.join("\n"));
}

function facts(sections: readonly Section[], { length }: Uint8Array): Record<string, unknown> {
  return { sections: sections.map(({ name, bytes }) => ({ name, bytes })), modelBytes: length };
}

/** The command `inspect`. */
export const command: Command = defineCommand({
  name: "inspect",
  description:
    "Shows every section of a packed model, or the parts and operators of an ONNX file, with their bytes, which sum to the size of the file; of a checkpoint how " +
    "far its training was, and with which options.",
  positionals: [{
    name: "MODEL|CHECKPOINT",
    help: "a packed model (.pnet), an ONNX file (.onnx), or a folder of checkpoints or one of its files (.pnck)",
  }],
  options: {},
  permissions: [["--allow-read=MODEL", "the model, or the checkpoint"]],
  examples: ["% inspect mnist.pnet", "% inspect trainer.onnx", "% inspect mnist-state"],
  run,
});
