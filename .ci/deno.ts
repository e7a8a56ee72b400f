/**
 * Starts Deno with the given arguments, also where the JSR registry cannot be reached.
 *
 *     deno run -A .ci/deno.ts test -A
 *
 * Imports the packages that `.ci/std/import_map.json` has stand-ins for; when that fails, the command gets `--import-map` with the
 * stand-ins and standard error gets a line about it. A failure, which may take the whole time limit, is remembered for a while in
 * the folder of temporary files; a success is not, since Deno's own cache makes it quick. Whatever may stand in that folder, the worst
 * that comes of it is that the stand-ins are used. The exit code is the command's; signals are passed on to it.
 */
import { tmpdir } from "node:os";
import importMap from "./std/import_map.json" with { type: "json" };

const PROBE_MILLISECONDS = 5000;
const MEMORY_MINUTES = 10;
const TAKES_IMPORT_MAP = ["run", "serve", "test", "bench", "check", "doc", "cache"];

/** Why the real packages cannot be imported, or undefined when they can. */
async function whyUnavailable(): Promise<string | undefined> {
  const limit = Promise.withResolvers<string>();
  const timer = setTimeout(() => limit.resolve(`no answer within ${PROBE_MILLISECONDS / 1000} s`), PROBE_MILLISECONDS);
  const probe = Promise.all(Object.keys(importMap.imports).map((specifier) => import(specifier))).then(
    () => undefined,
    (error) => String(error?.message ?? error).split("\n")[0],
  );
  const reason = await Promise.race([probe, limit.promise]);
  clearTimeout(timer);
  return reason;
}

/** The file that remembers a failure, of these packages and this Deno; it holds the time in milliseconds. */
async function memoryPath(): Promise<string> {
  const key = new TextEncoder().encode(JSON.stringify([Deno.version.deno, importMap]));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", key)).subarray(0, 8);
  return `${tmpdir()}/projectionnet-stand-ins-${
    Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")
  }`;
}

/** Minutes since the remembered failure, or undefined when there is none that counts. */
function minutesSinceFailure(path: string): number | undefined {
  try {
    const { isFile, size } = Deno.lstatSync(path);
    const text = isFile && size < 32 ? Deno.readTextFileSync(path) : "";
    const minutes = /^\d+$/.test(text) ? (Date.now() - Number(text)) / 60_000 : -1;
    return minutes >= 0 && minutes < MEMORY_MINUTES ? minutes : undefined;
  } catch {
    return undefined;
  }
}

/** Remembers a failure at this moment, if the folder lets it. */
function rememberFailure(path: string): boolean {
  const temporary = `${path}.${crypto.randomUUID()}`;
  try {
    Deno.writeTextFileSync(temporary, `${Date.now()}`, { createNew: true });
    Deno.renameSync(temporary, path);
    return true;
  } catch {
    try {
      Deno.removeSync(temporary);
    } catch {
      // It was not made.
    }
    return false;
  }
}

/** Why the stand-ins have to be used, in a sentence, or undefined when the real packages are there. */
async function whyStandIns(): Promise<string | undefined> {
  const path = await memoryPath();
  const minutes = minutesSinceFailure(path);
  if (minutes !== undefined) {
    return `JSR could not be reached ${Math.floor(minutes)} min ago, so the stand-ins in .ci/std are used; ` +
      `to try again at once, delete ${path}`;
  }
  const reason = await whyUnavailable();
  if (reason === undefined) return undefined;
  const memory = rememberFailure(path) ? `; for ${MEMORY_MINUTES} min, or until ${path} is deleted` : "";
  return `JSR cannot be reached, so the stand-ins in .ci/std are used (${reason})${memory}`;
}

const args = [...Deno.args];
if (args.length > 0 && TAKES_IMPORT_MAP.includes(args[0])) {
  const reason = await whyStandIns();
  if (reason !== undefined) {
    console.error(reason);
    args.splice(1, 0, `--import-map=${new URL("./std/import_map.json", import.meta.url).href}`);
  }
}

const child = new Deno.Command(Deno.execPath(), { args, stdin: "inherit", stdout: "inherit", stderr: "inherit" })
  .spawn();

// A terminal sends Ctrl-C to the child as well; passed on, it would arrive twice.
const onTerminal = Deno.stdin.isTerminal() || Deno.stderr.isTerminal();
const passOn = (signal: Deno.Signal) => () => {
  if (signal === "SIGINT" && onTerminal) return;
  try {
    child.kill(signal);
  } catch {
    // The child has ended already.
  }
};
const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM", "SIGHUP"];
for (const signal of signals) Deno.addSignalListener(signal, passOn(signal));

Deno.exit((await child.status).code);
