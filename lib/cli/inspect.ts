/**
 * `inspect`: every section of a packed model with its bytes.
 */
import { inspectPnet, loadPnet } from "../packed/mod.ts";
import { type Command, defineCommand, type Invocation } from "./command.ts";
import { count, table } from "./format.ts";
import { naming, readModelBytes } from "./model.ts";

async function run({ positionals, output }: Invocation<Record<never, never>>): Promise<number> {
  const [path] = positionals;
  const bytes = await readModelBytes(path);
  const sections = naming(path, () => inspectPnet(bytes));
  const classifier = naming(path, () => loadPnet(bytes));
  const rows = sections.map(({ name, bytes, detail }) => ({ cells: [name, count(bytes)], detail }));
  const columns = table([...rows.map(({ cells }) => cells), ["total", count(bytes.length)]]).split("\n");
  const shown = columns.map((line, i) => rows[i]?.detail ? `${line}  ${rows[i].detail}` : line);
  await output.show(shown.join("\n"));
  await output.result({
    sections: sections.map(({ name, bytes }) => ({ name, bytes })),
    modelBytes: bytes.length,
    bits: classifier.bits,
    labels: classifier.labels,
  });
  return 0;
}

/** The command `inspect`. */
export const command: Command = defineCommand({
  name: "inspect",
  description: "Shows every section of a packed model with its bytes; they sum to the size of the file.",
  positionals: [{ name: "MODEL", help: "a packed model (.pnet)" }],
  options: {},
  examples: ["% inspect mnist.pnet"],
  run,
});
