import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  add,
  checkGradients,
  detach,
  GradientError,
  multiply,
  recordOperation,
  Region,
  relu,
  scale,
  ShapeError,
  sum,
  Tape,
  tensor,
  zeros,
} from "../../mod.ts";

Deno.test("tape: only operations on tensors that require a gradient are recorded", () => {
  const x = tensor([1, 2], { requiresGradient: true }), constant = tensor([3, 4]);
  const tape = new Tape();
  const outside = multiply(x, x);
  assertEquals(outside.requiresGradient, false);
  tape.record(() => {
    assertEquals(add(constant, constant).requiresGradient, false);
    assertEquals(add(x, constant).requiresGradient, true);
  });
  assertEquals(tape.entries.map(({ op }) => op), ["add"]);
});

Deno.test("tape: gradients are left in the leaves alone, and belong to the last backward", () => {
  const x = tensor([1, 2], { requiresGradient: true });
  for (let round = 0; round < 2; round++) {
    const tape = new Tape();
    let middle = x;
    const loss = tape.record(() => sum(multiply(middle = scale(x, 3), x)));
    tape.backward(loss);
    assertEquals(Array.from(x.gradient!), [6, 12]);
    assertEquals(middle.gradient, null);
    assertEquals(tape.entries.length, 0);
  }
});

Deno.test("tape: detached values and unused branches pass nothing on", () => {
  const x = tensor([1, 2], { requiresGradient: true }), unused = tensor([1], { requiresGradient: true });
  const tape = new Tape();
  const loss = tape.record(() => {
    relu(unused);
    return sum(multiply(x, detach(x)));
  });
  tape.backward(loss);
  assertEquals(Array.from(x.gradient!), [1, 2]);
  assertEquals(unused.gradient, null);
});

Deno.test("tape: a missing gradient rule names its operation", () => {
  const x = tensor([1], { requiresGradient: true });
  const tape = new Tape();
  const loss = tape.record(() =>
    recordOperation({ op: "toString", inputs: [x], shape: [], data: new Float32Array(1) })
  );
  const error = assertThrows(() => tape.backward(loss), GradientError);
  assertStringIncludes(error.message, '"toString"');
});

Deno.test("tape: a loss of several values, or one that it does not know, is refused", () => {
  const x = tensor([1, 2], { requiresGradient: true });
  const tape = new Tape();
  const wide = tape.record(() => scale(x, 2));
  assertThrows(() => tape.backward(wide), ShapeError, "a loss of one value was wanted, shape [2] found");
  assertThrows(() => tape.backward(sum(x)), GradientError, "not computed on this tape");
});

Deno.test("tape: recording ends when the work throws", () => {
  const x = tensor([1], { requiresGradient: true });
  const tape = new Tape();
  assertThrows(() =>
    tape.record(() => {
      throw new Error("inside");
    })
  );
  assertEquals(relu(x).requiresGradient, false);
});

Deno.test("tape: training steps in a region leave its size as it is", () => {
  const x = zeros([64, 64], { requiresGradient: true });
  using region = new Region();
  const step = () => {
    region.run(() => {
      const tape = new Tape();
      tape.backward(tape.record(() => sum(multiply(relu(x), x))));
    });
    region.reset();
  };
  step();
  const before = region.bytes;
  for (let i = 0; i < 1000; i++) step();
  assertEquals(region.bytes, before);
  assert(before > 0);
});

Deno.test("tensor: nested values go in and come out", () => {
  const values = [[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 10], [11, 12]]];
  const t = tensor(values);
  assertEquals(t.shape, [2, 3, 2]);
  assertEquals(t.toArray(), values);
  assertEquals(tensor(5).toArray(), 5);
  assertEquals(tensor([]).toArray(), []);
  assertEquals(tensor([[], []]).shape, [2, 0]);
});

Deno.test("checkGradients: a derivative that is NaN is reported, whatever follows", () => {
  const x = tensor([1, 2, 3], { requiresGradient: true });
  const check = checkGradients(() =>
    sum(recordOperation({
      op: "broken",
      inputs: [x],
      shape: x.shape,
      data: x.data.slice(),
      gradient: (_entry, gradient, into) => into(0, (out) => out.set([NaN, gradient[1], gradient[2]])),
    })), [x]);
  assertEquals([check.largestError, check.index], [NaN, 0]);
});

Deno.test("Region.run refuses work that is not synchronous", () => {
  assertThrows(() => new Region().run(() => Promise.resolve(1)), TypeError, "synchronous");
});
