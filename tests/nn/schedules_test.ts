import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { constantSchedule, cosineSchedule, oneCycleSchedule, stepSchedule } from "../../mod.ts";

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
