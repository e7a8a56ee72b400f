/**
 * `data`: the known data sets, and fetching one.
 */
import { fetchDataset, findKnownDataset, KNOWN_DATASETS, type KnownDataset, resolveDataDir } from "../data/mod.ts";
import { type Command, defineCommand, type Invocation } from "./command.ts";
import { UsageError } from "./errors.ts";
import { count } from "./format.ts";
import { untilInterrupted } from "./interrupt.ts";
import { fetchState } from "./open_data.ts";
import { KNOWN_DATA_PERMISSIONS } from "./permissions.ts";
import { Progress } from "./progress.ts";
import { DATA_DIR } from "./shared_options.ts";
import { suggestion } from "./suggest.ts";

const OPTIONS = { "data-dir": DATA_DIR } as const;

type DataInvocation = Invocation<typeof OPTIONS>;

/** Bytes of a data set's files, uncompressed. */
function totalBytes({ train, test }: KnownDataset): number {
  return [train.images, train.labels, test.images, test.labels].reduce((sum, { bytes }) => sum + bytes, 0);
}

async function list({ options, output }: DataInvocation): Promise<number> {
  const dataDir = resolveDataDir(options["data-dir"]);
  const lines = KNOWN_DATASETS.map((known) =>
    `${known.name.padEnd(16)}${known.description}; ${count(totalBytes(known) / 1e6)} MB`
  );
  await output.show([...lines, "", `Data folder: ${dataDir}`].join("\n"));
  await output.result({
    datasets: KNOWN_DATASETS.map((known) => ({
      name: known.name,
      description: known.description,
      bytes: totalBytes(known),
    })),
    dataDir,
  });
  return 0;
}

async function fetchOne(name: string, { options, io, output }: DataInvocation): Promise<number> {
  const names = KNOWN_DATASETS.map((known) => known.name);
  if (findKnownDataset(name) === undefined) {
    throw new UsageError(`unknown data set "${name}"${suggestion(name, names)}; known are ${names.join(", ")}`);
  }
  const progress = new Progress(io);
  const fetching = (signal: AbortSignal) =>
    fetchDataset(name, {
      dataDir: options["data-dir"],
      signal,
      onProgress: (event) => progress.update(fetchState(event)),
    });
  const message = "stopped by Ctrl-C; files that are complete stay";
  const result = await untilInterrupted(fetching, { io, message }).finally(() => progress.end());
  const lines = result.files.map(({ path, origin }) =>
    `${path}  ${origin === undefined ? "was there" : `from ${origin}`}`
  );
  await output.show([...lines, `${name}: ${result.files.length} files verified by sha256`].join("\n"));
  await output.result({ name, folder: result.folder, files: result.files });
  return 0;
}

async function run(invocation: DataInvocation): Promise<number> {
  const [action, name] = invocation.positionals;
  if (action === "list") {
    if (name !== undefined) throw new UsageError(`unexpected argument "${name}"`);
    return await list(invocation);
  }
  if (action === "fetch") {
    if (name === undefined) throw new UsageError("the name of the data set to fetch is missing");
    return await fetchOne(name, invocation);
  }
  throw new UsageError(`unknown action "${action}"${suggestion(action, ["list", "fetch"])}: wanted list or fetch`);
}

/** The command `data`. */
export const command: Command = defineCommand({
  name: "data",
  description:
    "Lists the known data sets, or fetches one into the data folder and verifies every file by size and sha256.",
  positionals: [
    { name: "ACTION", help: "list or fetch" },
    { name: "NAME", help: "the data set to fetch", optional: true },
  ],
  options: OPTIONS,
  permissions: [...KNOWN_DATA_PERMISSIONS],
  examples: ["% data list", "% data fetch mnist"],
  run,
});
