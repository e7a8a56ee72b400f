import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/cli/errors.ts";
import { choice, integer, list, number, text } from "../../lib/cli/option_values.ts";
import { flag, readOptions } from "../../lib/cli/options.ts";

const TABLE = {
  data: { value: "NAME", help: "", parse: text, required: true },
  epochs: { value: "N", help: "", parse: integer({ min: 1 }), default: "10" },
  rate: { value: "R", help: "", parse: number({ above: 0 }) },
  sizes: { value: "N,N", help: "", parse: list(integer({ min: 1 }), { noun: "sizes" }), default: "4,5" },
  head: { value: "TYPE", help: "", parse: choice(["float", "int8"]) },
  json: flag(""),
  help: flag(""),
} as const;

const read = (...args: string[]) => readOptions(args, TABLE);

Deno.test("readOptions: values, defaults, flags and positionals", () => {
  const { values, given, positionals } = read("one", "--data", "mnist", "--rate=1e-3", "--json", "two");
  assertEquals(values, {
    data: "mnist",
    epochs: 10,
    rate: 0.001,
    sizes: [4, 5],
    head: undefined,
    json: true,
    help: false,
  });
  assertEquals([...given].sort(), ["data", "json", "rate"]);
  assertEquals(positionals, ["one", "two"]);
});

Deno.test("readOptions: a dash, numbers and what follows -- are positionals as they are written", () => {
  assertEquals(read("--data", "x", "-", "007", "--", "--json").positionals, ["-", "007", "--json"]);
  assertEquals(read("--data=a=b").values.data, "a=b");
});

Deno.test("readOptions: everything that is wrong is named", () => {
  const wrong: [args: string[], message: string][] = [
    [["--data", "x", "--budget", "300"], "unknown option --budget"],
    [["--data", "x", "--budget=300"], "unknown option --budget"],
    [["--data", "x", "--epoch", "3"], "unknown option --epoch (did you mean --epochs?)"],
    [["--data", "x", "--no-json"], "unknown option --no-json"],
    [["--data", "x", "--data.x", "3"], "unknown option --data.x"],
    [["--data", "x", "-e"], "unknown option -e"],
    [["--data", "x", "--epochs"], "--epochs needs a value: --epochs N"],
    [["--data", "x", "--epochs="], "--epochs needs a value"],
    [["--data", "x", "--epochs", "--json"], "--epochs needs a value"],
    [["--data", "x", "--rate", "-1"], "--rate needs a value"],
    [["--data", "x", "--rate=-1"], "--rate -1: wanted a number above 0"],
    [["--data", "x", "--rate", "NaN"], "--rate NaN: wanted a number"],
    [["--data", "x", "--rate", "1e999"], "--rate 1e999: wanted a number"],
    [["--data", "x", "--epochs", "0"], "--epochs 0: wanted a whole number of at least 1"],
    [["--data", "x", "--epochs", "2.5"], "--epochs 2.5: wanted a whole number"],
    [["--data", "x", "--epochs", "0x10"], "--epochs 0x10: wanted a whole number"],
    [["--data", "x", "--sizes", "3,,4"], "--sizes 3,,4: wanted one or more sizes separated by commas"],
    [["--data", "x", "--head", "int4"], "--head int4: wanted one of float, int8"],
    [["--data", "x", "--data", "y"], "--data is given 2 times"],
    [["--data", "x", "--json", "--json"], "--json is given 2 times"],
    [["--json"], "--data NAME is missing"],
  ];
  for (const [args, message] of wrong) {
    const error = assertThrows(() => read(...args), UsageError);
    assertStringIncludes(error.message, message);
  }
});

Deno.test("readOptions: --help and -h excuse a missing option", () => {
  assert(read("--help").given.has("help"));
  assert(read("-h").values.help);
});
