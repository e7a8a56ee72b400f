import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { runCli } from "../../lib/cli/mod.ts";
import { command, run, TestIo } from "./harness.ts";

const COMMANDS = ["train", "eval", "predict", "inspect", "data", "demo", "build-graph"];

Deno.test("cli: help names every command", async () => {
  for (const args of [["help"], ["--help"], ["-h"]]) {
    const { code, out, err } = await run(args);
    assertEquals([code, err], [0, ""]);
    for (const name of COMMANDS) assertStringIncludes(out, `\n  ${name} `);
  }
});

Deno.test("cli: every command has help with an example, by both ways", async () => {
  for (const name of COMMANDS) {
    const { code, out, err } = await run([name, "--help"]);
    assertEquals([code, err], [0, ""]);
    assertStringIncludes(out, `Usage:\n  projectionnet ${name}`);
    assertMatch(out, new RegExp(`Examples?:\\n(.*\\n)*? .*projectionnet ${name} `));
    assertStringIncludes(out, "--json");
    assertEquals((await run(["help", name])).out, out);
    for (const line of out.split("\n")) assert(line.length <= 120, line);
  }
});

Deno.test("cli: every command has a task in deno.json", () => {
  for (const name of COMMANDS) {
    const { command } = (config.tasks as unknown as Record<string, { command: string }>)[name];
    assertMatch(command, new RegExp(`lib/cli/mod.ts ${name}$`));
  }
});

Deno.test("cli: bad usage ends with code 2, the reason and a hint, and nothing on standard output", async () => {
  const wrong: [args: string[], message: string, hint: string][] = [
    [[], "projectionnet: a command is missing", "projectionnet help"],
    [["trian"], 'unknown command "trian" (did you mean train?)', "projectionnet help"],
    [["toString"], 'unknown command "toString"', "projectionnet help"],
    [["--json", "train"], "unknown option --json before the command", "projectionnet help"],
    [["help", "nothing"], 'unknown command "nothing"', "projectionnet help"],
    [["help", "train", "eval"], 'unexpected argument "eval"', "projectionnet help"],
    [["study", "a"], "--out DIR is missing", "projectionnet study --help"],
    [["inspect"], "projectionnet inspect: MODEL|CHECKPOINT is missing", "projectionnet inspect --help"],
    [["inspect", "a", "b"], 'unexpected argument "b"', "projectionnet inspect --help"],
    [["predict", "a", "--top", "0"], "--top 0: wanted a whole number of at least 1", "projectionnet predict --help"],
    [["eval", "a"], "--data NAME|PATH is missing", "projectionnet eval --help"],
    [["data", "frobnicate"], 'unknown action "frobnicate"', "projectionnet data --help"],
    [["data", "fetch"], "the name of the data set to fetch is missing", "projectionnet data --help"],
    [["data", "fetch", "mnits"], 'unknown data set "mnits" (did you mean mnist?)', "projectionnet data --help"],
    [["data", "list", "mnist"], 'unexpected argument "mnist"', "projectionnet data --help"],
    [["demo", "--bits", "3x4"], "unknown option --bits", "projectionnet demo --help"],
  ];
  for (const [args, message, hint] of wrong) {
    const { code, out, err } = await run(args);
    assertEquals([code, out], [2, ""], args.join(" "));
    assertStringIncludes(err, message);
    assertStringIncludes(err, `Try "${hint}"`);
  }
});

Deno.test("cli: options and values that do not exist are refused by name", async () => {
  const unknown = await run(["train", "--data", "x.csv", "--graph", "1"]);
  assertEquals(unknown.code, 2);
  assertStringIncludes(unknown.err, "unknown option --graph");
  const values: [option: string, value: string][] = [
    ["--trainer", "onnx"],
    ["--task", "video"],
    ["--projection", "simhash"],
    ["--head", "int2"],
  ];
  for (const [option, value] of values) {
    const { code, err } = await run(["train", "--data", "x.csv", option, value]);
    assertEquals(code, 2);
    assertStringIncludes(err, `${option} ${value}: wanted`);
  }
});

Deno.test("cli: --version", async () => {
  assertEquals(await run(["--version"]), { code: 0, out: `${config.version}\n`, err: "" });
});

Deno.test("cli: a reader that leaves is no error", async () => {
  const io = new TestIo();
  io.writeOut = () => Promise.reject(new Deno.errors.BrokenPipe("gone"));
  assertEquals(await runCli(["help"], io), 0);
  assertEquals(io.err, "");
});

Deno.test("cli: as a process, exit codes and streams are the same", async () => {
  const good = await command(["help"]).output();
  assertEquals(good.code, 0);
  assertStringIncludes(new TextDecoder().decode(good.stdout), "Commands:");
  const bad = await command(["inspect", "--frobnicate"]).output();
  assertEquals([bad.code, bad.stdout.length], [2, 0]);
  assertStringIncludes(new TextDecoder().decode(bad.stderr), "unknown option --frobnicate");
});
