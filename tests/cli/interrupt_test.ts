import { assertEquals, assertRejects } from "@std/assert";
import { InterruptedError } from "../../lib/cli/errors.ts";
import { untilInterrupted } from "../../lib/cli/interrupt.ts";
import { TestIo } from "./harness.ts";

Deno.test("untilInterrupted: gives what the work gives, and its error", async () => {
  const io = new TestIo();
  assertEquals(await untilInterrupted(() => Promise.resolve(3), { io, message: "" }), 3);
  await assertRejects(
    () => untilInterrupted(() => Promise.reject(new RangeError("no")), { io, message: "" }),
    RangeError,
    "no",
  );
  assertEquals(io.interruptHandlers.size, 0);
});

Deno.test("untilInterrupted: Ctrl-C aborts the work's signal and is an InterruptedError", async () => {
  const io = new TestIo();
  const work = (signal: AbortSignal) =>
    new Promise<void>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const outcome = untilInterrupted(work, { io, message: "nothing was written" });
  io.interrupt();
  io.interrupt();
  await assertRejects(() => outcome, InterruptedError, "nothing was written");
  assertEquals(io.interruptHandlers.size, 0);
});

Deno.test("untilInterrupted: work that does not listen is left after a moment", async () => {
  const io = new TestIo();
  const outcome = untilInterrupted(() => new Promise<void>(() => {}), { io, message: "left" });
  io.interrupt();
  await assertRejects(() => outcome, InterruptedError, "left");
});
