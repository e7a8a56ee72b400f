/**
 * `serve`: packed models over HTTP, and a page to try them.
 */
import { decodePnet } from "../packed/mod.ts";
import { createHandler, type Handler } from "../serve/mod.ts";
import { type Command, defineCommand, type Invocation } from "./command.ts";
import { UsageError } from "./errors.ts";
import type { CliIo } from "./io.ts";
import { modelName, naming, readFailure, readModelBytes } from "./model.ts";
import { integer, list, text, ValueError } from "./option_values.ts";
import { flag } from "./options.ts";
import type { Output } from "./output.ts";

/** Milliseconds between two looks at the files. */
const WATCH = 1000;
/** Milliseconds that requests have to end after Ctrl-C. */
const GRACE = 3000;

interface NamedFile {
  name: string;
  path: string;
}

function namedFile(given: string): NamedFile {
  const [, name, path] = /^([\w.-]+)=(.+)$/.exec(given) ?? [];
  if (path === undefined) throw new ValueError("NAME=FILE");
  return { name, path };
}

const OPTIONS = {
  models: { value: "NAME=FILE,…", help: "more models by name", parse: list(namedFile, { noun: "models" }) },
  name: { value: "NAME", help: "name of MODEL (otherwise that of its file)", parse: text },
  port: { value: "N", help: "port; 0 for any that is free", parse: integer({ min: 0, max: 65535 }), default: "8000" },
  host: { value: "ADDRESS", help: "address to listen on; 0.0.0.0 for all", parse: text, default: "127.0.0.1" },
  cors: {
    value: "ORIGIN,…",
    help: "origins whose pages may call, or * for any",
    parse: list(text, { noun: "origins" }),
  },
  watch: flag("load a model again when its file changes"),
  "max-body": { value: "BYTES", help: "most bytes of a body (default: 4 MiB)", parse: integer({ min: 1 }) },
  "max-batch": { value: "N", help: "most samples of a request (default: 4096)", parse: integer({ min: 1 }) },
  "max-text": { value: "N", help: "most characters of a text (default: 20000)", parse: integer({ min: 1 }) },
  timeout: { value: "MS", help: "milliseconds for a body to arrive (default: 10000)", parse: integer({ min: 1 }) },
} as const;

/** The limits that were given. */
function limitsOf(options: { "max-body"?: number; "max-batch"?: number; "max-text"?: number; timeout?: number }) {
  const given = {
    bodyBytes: options["max-body"],
    batch: options["max-batch"],
    textLength: options["max-text"],
    milliseconds: options.timeout,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Loads the models again; what is no model is told and the old one stays. */
async function reload(handler: Handler, files: readonly NamedFile[], output: Output): Promise<void> {
  for (const { name, path } of files) {
    try {
      handler.load(name, await readModelBytes(path));
      output.note(`${name}: loaded ${path}`);
    } catch (error) {
      output.note(`${name}: the model that was there goes on; ${path}: ${(error as Error).message}`);
    }
  }
}

/** What of a file changes when it is written. */
async function stamp(path: string): Promise<string> {
  try {
    const { mtime, size, ino } = await Deno.stat(path);
    return `${mtime?.getTime()} ${size} ${ino}`;
  } catch (error) {
    return readFailure(error);
  }
}

/** Loads models whose files have changed until the signal. */
async function watch(
  handler: Handler,
  files: readonly NamedFile[],
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const stamps = await Promise.all(files.map(({ path }) => stamp(path)));
  while (!signal.aborted) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, WATCH);
      signal.addEventListener("abort", done);
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
    });
    for (let i = 0; i < files.length && !signal.aborted; i++) {
      const found = await stamp(files[i].path);
      if (found === stamps[i]) continue;
      stamps[i] = found;
      await reload(handler, [files[i]], output);
    }
  }
}

/** Calls `handler` at a signal of the system, where there is one. */
function onSignal(signal: Deno.Signal, handler: () => void): () => void {
  try {
    Deno.addSignalListener(signal, handler);
    return () => Deno.removeSignalListener(signal, handler);
  } catch {
    return () => {}; // Windows has neither SIGHUP as a message nor SIGTERM.
  }
}

/** Waits for Ctrl-C or SIGTERM. */
async function untilStopped(io: CliIo): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  const stopListening = [io.onInterrupt(stopped.resolve), onSignal("SIGTERM", stopped.resolve)];
  await stopped.promise;
  for (const stop of stopListening) stop();
}

async function run({ options, positionals, io, output }: Invocation<typeof OPTIONS>): Promise<number> {
  const [path] = positionals;
  const files = [{ name: options.name ?? modelName(path), path }, ...options.models ?? []];
  const repeated = files.find(({ name }, i) => files.findIndex((other) => other.name === name) !== i);
  if (repeated !== undefined) throw new UsageError(`two models have the name ${repeated.name}`);
  const { port, host, cors } = options;
  const models: Record<string, Uint8Array> = {};
  for (const { name, path } of files) {
    models[name] = await readModelBytes(path);
    naming(path, () => decodePnet(models[name]));
  }
  const handler = createHandler({
    models,
    limits: limitsOf(options),
    cors,
    onError: (error) => output.note(error instanceof Error ? error.stack ?? error.message : String(error)),
  });
  const listening = Promise.withResolvers<Deno.NetAddr>();
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({ port, hostname: host, onListen: listening.resolve }, handler.fetch);
  } catch (error) {
    throw new Error(`cannot listen on ${host}:${port}: ${(error as Error).message}`, { cause: error });
  }
  const address = await listening.promise;
  const url = `http://${address.hostname.includes(":") ? `[${address.hostname}]` : address.hostname}:${address.port}/`;
  await output.show(
    `Serving ${files.map(({ name }) => name).join(", ")} on ${url} until Ctrl-C; SIGHUP loads the models again`,
  );
  await output.result({ url, port: address.port, models: files.map(({ name }) => name) });
  const ending = new AbortController();
  const watching = options.watch ? watch(handler, files, output, ending.signal) : undefined;
  const stopReloading = onSignal("SIGHUP", () => reload(handler, files, output));
  await untilStopped(io);
  stopReloading();
  ending.abort();
  await watching;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, GRACE));
  await Promise.race([server.shutdown(), late]);
  clearTimeout(timer);
  return 0;
}

/** The command `serve`. */
export const command: Command = defineCommand({
  name: "serve",
  description:
    "Answers over HTTP: POST /v1/classify takes JSON, JSON lines or raw bytes, GET / is a page to try the model, /openapi.json describes the rest. " +
    "SIGHUP or --watch load models again without dropping a request; a broken file leaves the old model at work. Ctrl-C lets requests end.",
  positionals: [{ name: "MODEL", help: "a packed model (.pnet)" }],
  options: OPTIONS,
  permissions: [["--allow-read=MODEL", "the models"], ["--allow-net=HOST:PORT", "where it listens"]],
  examples: ["% serve digits.pnet", "% serve digits.pnet --models spam=spam.pnet --port 8080 --watch"],
  run,
});
