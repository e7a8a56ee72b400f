/**
 * `export`: a packed model as ONNX.
 */
import { writeFileWhole } from "../data/mod.ts";
import { decodePnet } from "../packed/mod.ts";
import { checkWritable } from "./check_writable.ts";
import { type Command, defineCommand, type Invocation } from "./command.ts";
import { count } from "./format.ts";
import { naming, readModelBytes } from "./model.ts";
import { text } from "./option_values.ts";
import { OUT_PERMISSION } from "./permissions.ts";

const OPTIONS = {
  onnx: { value: "FILE", help: "the ONNX file to write", parse: text, required: true },
} as const;

async function run({ positionals, options, output }: Invocation<typeof OPTIONS>): Promise<number> {
  const [path] = positionals;
  await checkWritable(options.onnx);
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

/** The command `export`. */
export const command: Command = defineCommand({
  name: "export",
  description:
    "Writes a packed model as ONNX, with the same bits and labels in every engine: raw samples go in, code, logits, probabilities and class come out. " +
    "(The full network of a training is written by train --save-trainer.)",
  positionals: [{ name: "MODEL", help: "a packed model (.pnet) of images or a table" }],
  options: OPTIONS,
  permissions: [["--allow-read=MODEL", "the model"], OUT_PERMISSION],
  examples: ["% export mnist.pnet --onnx mnist.onnx"],
  run,
});
