/**
 * `inspect`: every section of a packed model or an ONNX file with its bytes.
 */
import { inspectPnet, loadPnet } from "../packed/mod.ts";
import { type Command, defineCommand, type Invocation } from "./command.ts";
import { count, table } from "./format.ts";
import { naming, readModelBytes } from "./model.ts";

type Output = Invocation<Record<never, never>>["output"];

interface Section {
  readonly name: string;
  readonly bytes: number;
  readonly detail: string;
}

async function run({ positionals, output }: Invocation<Record<never, never>>): Promise<number> {
  const [path] = positionals;
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
    "Shows every section of a packed model, or the parts and operators of an ONNX file, with their bytes; they sum to the size of the file.",
  positionals: [{ name: "MODEL", help: "a packed model (.pnet) or an ONNX file (.onnx)" }],
  options: {},
  permissions: [["--allow-read=MODEL", "the model"]],
  examples: ["% inspect mnist.pnet", "% inspect trainer.onnx"],
  run,
});
