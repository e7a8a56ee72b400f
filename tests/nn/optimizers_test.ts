import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import {
  Adam,
  AdamW,
  clipGradients,
  constantSchedule,
  cosineSchedule,
  multiply,
  oneCycleSchedule,
  type Optimizer,
  Region,
  Sgd,
  stepSchedule,
  sum,
  Tape,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { assertClose } from "../close.ts";

/** Ten steps on f(x) = Σ a·x², whose gradient is 2·a·x. */
function descend(make: (parameters: Tensor[]) => Optimizer): Float32Array {
  const x = tensor([1, -2, 0.5], { requiresGradient: true }), a = tensor([0.5, 1, 2]);
  const optimizer = make([x]);
  for (let step = 0; step < 10; step++) {
    const tape = new Tape();
    tape.backward(tape.record(() => sum(multiply(a, multiply(x, x)))));
    optimizer.step();
  }
  return x.data;
}

/** The same ten steps in double precision, from the published update rule. */
function expected(update: (x: number, gradient: number, state: number[], step: number) => number): number[] {
  return [[1, 0.5], [-2, 1], [0.5, 2]].map(([start, a]) => {
    const state = [0, 0];
    let x = start;
    for (let step = 1; step <= 10; step++) x = update(x, 2 * a * x, state, step);
    return x;
  });
}

Deno.test("Sgd follows its rule, plain, with momentum, Nesterov and weight decay", () => {
  const rate = 0.05, momentum = 0.9, decay = 0.1;
  assertClose(descend((p) => new Sgd(p, { learningRate: rate })), expected((x, g) => x - rate * g), { relative: 1e-5 });
  assertClose(
    descend((p) => new Sgd(p, { learningRate: rate, momentum, weightDecay: decay })),
    expected((x, g, state) => {
      state[0] = momentum * state[0] + g + decay * x;
      return x - rate * state[0];
    }),
    { relative: 1e-4 },
  );
  assertClose(
    descend((p) => new Sgd(p, { learningRate: rate, momentum, nesterov: true })),
    expected((x, g, state) => {
      state[0] = momentum * state[0] + g;
      return x - rate * (g + momentum * state[0]);
    }),
    { relative: 1e-4 },
  );
});

Deno.test("Adam and AdamW follow their rules", () => {
  const rate = 0.05, decay = 0.1;
  for (const decoupled of [false, true]) {
    const Kind = decoupled ? AdamW : Adam;
    assertClose(
      descend((p) => new Kind(p, { learningRate: rate, weightDecay: decay })),
      expected((x, gradient, state, step) => {
        const g = decoupled ? gradient : gradient + decay * x;
        state[0] = 0.9 * state[0] + 0.1 * g;
        state[1] = 0.999 * state[1] + 0.001 * g * g;
        const mean = state[0] / (1 - 0.9 ** step), square = state[1] / (1 - 0.999 ** step);
        return x * (decoupled ? 1 - rate * decay : 1) - rate * mean / (Math.sqrt(square) + 1e-8);
      }),
      { relative: 1e-4 },
    );
  }
});

Deno.test("an optimiser leaves parameters without a gradient alone", () => {
  const x = tensor([1, 2], { requiresGradient: true });
  for (const optimizer of [new Sgd([x], { learningRate: 1, weightDecay: 1 }), new Adam([x], { learningRate: 1 })]) {
    optimizer.step();
    assertEquals(Array.from(x.data), [1, 2]);
  }
});

Deno.test("clipGradients scales all gradients to the largest norm, and only down", () => {
  const a = tensor([0, 0], { requiresGradient: true }), b = tensor([0], { requiresGradient: true });
  a.gradient = Float32Array.of(2, 3);
  b.gradient = Float32Array.of(6);
  assertAlmostEquals(clipGradients([a, b], 3.5), 7, 1e-6);
  assertClose([...a.gradient, ...b.gradient], [1, 1.5, 3], { relative: 1e-6 });
  assertAlmostEquals(clipGradients([a, b], 10), 3.5, 1e-6);
  assertClose([...a.gradient, ...b.gradient], [1, 1.5, 3], { relative: 1e-6 });
  a.gradient[0] = NaN;
  assert(Number.isNaN(clipGradients([a, b], 1)));
});

Deno.test("a gradient is used once: a parameter that the next loss leaves out stays where it is", () => {
  for (
    const make of [(p: Tensor[]) => new Sgd(p, { learningRate: 1 }), (p: Tensor[]) => new Adam(p, { learningRate: 1 })]
  ) {
    const a = tensor([1, 2], { requiresGradient: true }), b = tensor([3, 4], { requiresGradient: true });
    const optimizer = make([a, b]);
    const region = new Region();
    const step = (compute: () => Tensor) => {
      region.run(() => {
        const tape = new Tape();
        tape.backward(tape.record(compute));
        optimizer.step();
      });
      region.reset();
    };
    step(() => sum(multiply(a, b)));
    const kept = Array.from(b.data);
    step(() => sum(multiply(a, a)));
    assertEquals(Array.from(b.data), kept);
    region.dispose();
  }
});

Deno.test("options that are given as undefined take their defaults", () => {
  const x = tensor([1, 2], { requiresGradient: true });
  x.gradient = Float32Array.of(1, 1);
  new Adam([x], { learningRate: 0.1, beta1: undefined, epsilon: undefined }).step();
  assertClose(x.data, [0.9, 1.9], { relative: 1e-5 });
});

Deno.test("Adam adds 1e-8 to the root of the mean square when nothing else is said", () => {
  const x = tensor([1], { requiresGradient: true });
  const optimizer = new Adam([x], { learningRate: 0.5 });
  const tape = new Tape();
  tape.backward(tape.record(() => sum(multiply(x, tensor([1e-8])))));
  optimizer.step();
  assertAlmostEquals(x.data[0], 1 - 0.5 / 2, 1e-5);
});

Deno.test("constant and step schedules", () => {
  assertEquals([0, 0.5, 1].map(constantSchedule()), [1, 1, 1]);
  const steps = stepSchedule({ at: [0.5, 0.75], factor: 0.1 });
  [[0, 1], [0.49, 1], [0.5, 0.1], [0.74, 0.1], [0.75, 0.01], [1, 0.01]].forEach(([progress, factor]) =>
    assertAlmostEquals(steps(progress), factor, 1e-12)
  );
});

Deno.test("the cosine schedule warms up linearly and ends where it should", () => {
  const schedule = cosineSchedule({ warmup: 0.1, final: 0.2 });
  [[0, 0], [0.05, 0.5], [0.1, 1], [0.55, 0.6], [1, 0.2]].forEach(([progress, factor]) =>
    assertAlmostEquals(schedule(progress), factor, 1e-12)
  );
  assertEquals(cosineSchedule()(0), 1);
});

Deno.test("the one-cycle schedule rises to 1 and falls to its end without a jump", () => {
  const schedule = oneCycleSchedule({ rise: 0.25, start: 0.1, final: 0.01 });
  [[0, 0.1], [0.25, 1], [1, 0.01]].forEach(([progress, factor]) =>
    assertAlmostEquals(schedule(progress), factor, 1e-12)
  );
  for (let i = 0; i < 1000; i++) assertLess(Math.abs(schedule((i + 1) / 1000) - schedule(i / 1000)), 0.01);
});

Deno.test("the one-cycle schedule begins at 0.04, is highest at 0.3 and ends at 0.0001 when nothing else is said", () => {
  [[0, 0.04], [0.15, 0.52], [0.3, 1], [1, 1e-4]].forEach(([progress, factor]) =>
    assertAlmostEquals(oneCycleSchedule()(progress), factor, 1e-12)
  );
});

Deno.test("an optimiser goes on from its state as the one that it was taken from; one of other parameters is refused", () => {
  const make: ((parameters: Tensor[]) => Adam | Sgd)[] = [
    (p) => new AdamW(p, { learningRate: 0.1, weightDecay: 0.1 }),
    (p) => new Sgd(p, { learningRate: 0.1, momentum: 0.9, nesterov: true }),
    (p) => new Sgd(p, { learningRate: 0.1 }),
  ];
  const stepOn = (optimizer: Optimizer, times: number): void => {
    for (let i = 0; i < times; i++) {
      for (const parameter of optimizer.parameters) parameter.gradient = parameter.data.map((x) => 2 * x + i);
      optimizer.step();
    }
  };
  for (const optimizerOf of make) {
    const x = tensor([1, -2, 0.5], { requiresGradient: true }), first = optimizerOf([x]);
    stepOn(first, 3);
    const y = tensor(x.data.slice(), { requiresGradient: true }), second = optimizerOf([y]);
    second.restore(structuredClone(first.state));
    stepOn(first, 2);
    stepOn(second, 2);
    assertEquals(y.data, x.data);
    if (first.state.moments.length === 0) continue;
    assertThrows(() => optimizerOf([tensor([1, 2])]).restore(first.state), RangeError, "moments of [2");
  }
});
