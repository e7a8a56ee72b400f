/**
 * Starts Deno with the given arguments, also where the JSR registry cannot be reached.
 *
 *     deno run -A .ci/deno.ts test -A
 *
 * Imports the packages that `.ci/std/import_map.json` has stand-ins for; when that fails, the command gets `--import-map` with the
 * stand-ins and standard error gets a line about it. Nothing is remembered between runs: Deno's own cache makes a success quick, and
 * a failure takes at most the time limit. The exit code is the command's; signals are passed on to it.
 */
import importMap from "./std/import_map.json" with { type: "json" };

const PROBE_MILLISECONDS = 5000;
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

const args = [...Deno.args];
if (args.length > 0 && TAKES_IMPORT_MAP.includes(args[0])) {
  const reason = await whyUnavailable();
  if (reason !== undefined) {
    console.error(`JSR cannot be reached, so the stand-ins in .ci/std are used (${reason})`);
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
