import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Progress, type ProgressState } from "../../lib/cli/progress.ts";
import { TestIo } from "./harness.ts";

const state = (fraction: number, more: Partial<ProgressState> = {}): ProgressState => ({
  label: "epoch 1/4",
  fraction,
  rate: 12345,
  unit: "examples",
  secondsLeft: 75,
  detail: "loss 0.5",
  ...more,
});

Deno.test("Progress: a bar on a terminal, redrawn at a pace and removed at the end", () => {
  const io = new TestIo("", { color: false, columns: () => 100 });
  let now = 0;
  const progress = new Progress(io, () => now);
  progress.update(state(0.25));
  assertEquals(
    io.err,
    `\r\x1b[Kepoch 1/4 [${"#".repeat(6)}${"-".repeat(18)}]  25%  12,345 examples/s  1:15 left  loss 0.5`,
  );
  now = 50;
  io.err = "";
  progress.update(state(0.3));
  assertEquals(io.err, "");
  now = 120;
  progress.update(state(0.5));
  assertStringIncludes(io.err, "50%");
  io.err = "";
  progress.end();
  assertEquals(io.err, "\r\x1b[K");
});

Deno.test("Progress: colour only where it is welcome, and never wider than the terminal", () => {
  const colored = new TestIo("", { color: true, columns: () => 100 });
  new Progress(colored, () => 0).update(state(0.5));
  assertStringIncludes(colored.err, "\x1b[32m");
  for (const columns of [10, 40, 70]) {
    const narrow = new TestIo("", { color: false, columns: () => columns });
    new Progress(narrow, () => 0).update(state(0.5));
    assert(narrow.err.replace("\r\x1b[K", "").length < columns, narrow.err);
  }
});

Deno.test("Progress: plain lines at a modest pace elsewhere", () => {
  const io = new TestIo();
  let now = 0;
  const progress = new Progress(io, () => now);
  for (; now < 30_000; now += 100) progress.update(state(now / 30_000));
  const lines = io.err.trimEnd().split("\n");
  assertEquals(lines.length, 3);
  assertEquals(lines[0], "epoch 1/4: 0%, 12,345 examples/s, 1:15 left, loss 0.5");
  assert(!io.err.includes("\x1b") && !io.err.includes("\r"));
});

Deno.test("Progress: the end of a stage is told sooner, the last one always", () => {
  const io = new TestIo();
  let now = 0;
  const progress = new Progress(io, () => now);
  progress.update(state(0.25, { milestone: true }));
  now = 500;
  progress.update(state(0.5, { milestone: true }));
  now = 1100;
  progress.update(state(0.75, { milestone: true }));
  now = 1200;
  progress.update(state(1, { milestone: true }));
  progress.end();
  assertEquals(io.err.match(/\d+%/g), ["25%", "75%", "100%"]);
  assertMatch(io.err, /\n$/);
});

Deno.test("Progress: what is not known is left out", () => {
  const io = new TestIo();
  new Progress(io, () => 0).update(state(NaN, { rate: undefined, secondsLeft: Infinity, detail: "" }));
  assertEquals(io.err, "epoch 1/4: 0%\n");
});
