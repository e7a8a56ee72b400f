/**
 * What this project relies on in the standard library. The same tests hold the real packages and, where the registry cannot be
 * reached, the stand-ins of `.ci/std` to it.
 */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertLess,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";

/** Whether an assertion fails, told without the assertions under test. */
function fails(check: () => unknown): boolean {
  try {
    check();
  } catch (error) {
    if (error instanceof AssertionError) return true;
    throw error;
  }
  return false;
}

function expect(what: string, found: boolean, wanted: boolean): void {
  if (found !== wanted) throw new Error(`${what}: ${wanted ? "should" : "should not"} fail`);
}

Deno.test("std: assertEquals and assertNotEquals agree on what is equal", () => {
  const bare = (entries: object): object => Object.assign(Object.create(null), entries);
  const loop: Record<string, unknown> = {};
  loop.self = loop;
  const pairs: [a: unknown, b: unknown, equal: boolean][] = [
    [0, -0, true],
    [NaN, NaN, true],
    [[0, { a: -0 }], [-0, { a: 0 }], true],
    [new Float32Array([0, NaN]), new Float32Array([-0, NaN]), true],
    [new Map([[1, { a: -0 }]]), new Map([[1, { a: 0 }]]), true],
    [new Set([1, 2]), new Set([2, 1]), true],
    [bare({ a: 1 }), { a: 1 }, true],
    [loop, loop, true],
    [1, "1", false],
    [null, undefined, false],
    [{ a: undefined }, {}, false],
    [[1], new Uint8Array([1]), false],
    [new Uint8Array([1]), new Int8Array([1]), false],
    [new Float32Array([1]), new Float32Array([2]), false],
    [[1, 2], [1, 2, 3], false],
    [new Error("a"), new Error("b"), false],
    ["a\nb", "a\nc", false],
  ];
  pairs.forEach(([a, b, equal], i) => {
    expect(`assertEquals, pair ${i}`, fails(() => assertEquals(a, b)), !equal);
    expect(`assertNotEquals, pair ${i}`, fails(() => assertNotEquals(a, b)), equal);
  });
});

Deno.test("std: the other assertions pass and fail where they have to", () => {
  const cases: [check: () => unknown, failing: boolean][] = [
    [() => assert(1), false],
    [() => assert(0), true],
    [() => assertAlmostEquals(1, 1 + 1e-9), false],
    [() => assertAlmostEquals(1, 1.001), true],
    [() => assertAlmostEquals(1, 1.001, 0.01), false],
    [() => assertAlmostEquals(NaN, 1), true],
    [() => assertGreaterOrEqual(2, 2), false],
    [() => assertGreaterOrEqual(NaN, 2), true],
    [() => assertLess(1, 2), false],
    [() => assertLess(2, 2), true],
    [() => assertInstanceOf(new TypeError(), Error), false],
    [() => assertInstanceOf({}, Error), true],
    [() => assertMatch("abc", /b/), false],
    [() => assertMatch("abc", /x/), true],
    [() => assertStringIncludes("abc", "bc"), false],
    [() => assertStringIncludes("abc", "cb"), true],
  ];
  cases.forEach(([check, failing], i) => expect(`case ${i}`, fails(check), failing));
});

Deno.test("std: assertThrows and assertRejects check class and message, and give the error", async () => {
  const error = new RangeError("too far");
  const throwing = () => {
    throw error;
  };
  expect("class and message", assertThrows(throwing, RangeError, "far") === error, true);
  expect("any error", assertThrows(throwing) === error, true);
  expect("another class", fails(() => assertThrows(throwing, TypeError)), true);
  expect("another message", fails(() => assertThrows(throwing, RangeError, "near")), true);
  expect("no error", fails(() => assertThrows(() => {})), true);
  const rejecting = () => Promise.reject(error);
  expect("rejection", await assertRejects(rejecting, RangeError, "far") === error, true);
  await assertRejects(() => assertRejects(rejecting, TypeError), AssertionError);
  await assertRejects(() => assertRejects(() => Promise.resolve(1)), AssertionError);
});

Deno.test("std: parseArgs reads what the command line is made of", () => {
  const unknown: string[] = [];
  const read = (...args: string[]) =>
    parseArgs(args, {
      string: ["_", "data", "rate"],
      boolean: ["json", "help"],
      collect: ["data", "rate", "json", "help"],
      alias: { h: "help" },
      unknown: (argument: string): boolean => {
        if (!/^-./.test(argument)) return true;
        unknown.push(argument);
        return false;
      },
    }) as unknown as Record<string, unknown>;
  const picked = (...args: string[]): unknown[] => {
    const parsed = read(...args);
    return [parsed.data, parsed.rate, parsed.json, parsed.help, parsed._];
  };
  assertEquals(picked(), [[], [], [], [], []]);
  assertEquals(picked("--data", "a", "--data=b=c", "--json", "x"), [["a", "b=c"], [], [true], [], ["x"]]);
  assertEquals(picked("-h", "-", "007"), [[], [], [], [true], ["-", "007"]]);
  assertEquals(picked("--json", "false", "--help=false"), [[], [], [false], [false], []]);
  assertEquals(picked("--data", "--rate", "1e-3"), [[""], ["1e-3"], [], [], []]);
  assertEquals(picked("--data", "x", "--", "--json", "-y"), [["x"], [], [], [], ["--json", "-y"]]);
  assertEquals(unknown, []);
  read("--budget", "3", "--rate", "-1", "--data=", "--no-json", "-z");
  assertEquals(unknown, ["--budget", "-1", "--data=", "--no-json", "-z"]);
});
