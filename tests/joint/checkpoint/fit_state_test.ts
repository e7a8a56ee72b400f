import { assertEquals, assertThrows } from "@std/assert";
import { Dense, Region } from "../../../mod.ts";
import { CheckpointError } from "../../../lib/joint/errors.ts";
import { BestEpoch } from "../../../lib/joint/checkpoint/fit_state.ts";

Deno.test("BestEpoch: what is saved goes into the same network, and into none of other names or shapes, even of as many values", () => {
  using region = new Region();
  region.run(() => {
    const of = (inputs: number, outputs: number, name = "dense"): [Dense, BestEpoch] => {
      const network = new Dense({ inputs, outputs, seed: inputs, name });
      return [network, new BestEpoch(network)];
    };
    const [network, best] = of(2, 3), weights = network.parameters[0].data;
    assertEquals(best.offer(4, 0.9), true);
    weights.fill(7);
    const { saved } = best;

    const [again, taken] = of(2, 3);
    taken.take(saved);
    assertEquals(taken.outcome, { bestEpoch: 4, validationAccuracy: 0.9 });
    assertEquals([...again.parameters[0].data], [...weights]);
    taken.restore();
    assertEquals([...again.parameters[0].data], [...saved.best.values[0]]);

    for (const [name, [, other]] of Object.entries({ "3, 2": of(3, 2), "2, 3": of(2, 3, "other"), "2, 4": of(2, 4) })) {
      assertThrows(() => other.take(saved), CheckpointError, `weights [${name}] was wanted`);
    }
  });
});
