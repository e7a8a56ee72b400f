import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Adam, fit, mlpTrainer, NonFiniteError, recordOperation, Region, Sgd, type Tensor, tensor } from "../../mod.ts";
import { inFolder } from "../cli/harness.ts";

interface Trial {
  readonly learningRate?: number;
  readonly clipNorm?: number;
  readonly value?: (row: number) => number;
  readonly wrap?: (logits: Tensor) => Tensor;
  readonly optimizer?: typeof Adam | typeof Sgd;
  readonly folder?: string;
}

/** Fits a small network that goes wrong, and gives its error and parameters. */
async function failing({ learningRate = 0.01, clipNorm, value = Math.sin, wrap, optimizer = Adam, folder }: Trial) {
  const region = new Region();
  const [network, changer] = region.run(() => {
    const network = mlpTrainer({ inputs: 3, classes: 2, hidden: [4], seed: 1 });
    return [network, new optimizer(network.parameters, { learningRate })] as const;
  });
  const before = network.parameters.map(({ data }) => data.slice());
  const error = await assertRejects(
    () =>
      fit(wrap === undefined ? network : { parameters: network.parameters, forward: (x) => wrap(network.forward(x)) }, {
        training: {
          count: 40,
          labels: Array.from({ length: 40 }, (_, row) => row % 2),
          features: { gather: (rows) => tensor(Array.from(rows, (row) => [value(row), 1, row % 3])) },
          codes: [],
        },
        networks: [],
        optimizers: [changer],
        epochs: 5,
        batchSize: 10,
        clipNorm,
        seed: 1,
        checkpoint: folder === undefined ? undefined : { folder, seconds: 0 },
      }),
    NonFiniteError,
  );
  return {
    error,
    isChanged: network.parameters.some(({ data }, i) => data.some((value, j) => value !== before[i][j])),
  };
}

/** An operation whose gradient is not a number from the given call on. */
function brokenGradient(from: number): (x: Tensor) => Tensor {
  let calls = 0;
  return (x) => {
    const isBroken = ++calls >= from;
    return recordOperation({
      op: "fragile",
      inputs: [x],
      shape: x.shape,
      data: x.data,
      gradient: (_entry, gradient, into) => into(0, (out) => out.set(isBroken ? gradient.map(() => NaN) : gradient)),
    });
  };
}

Deno.test("features that are not finite are named, and nothing has been changed by them", async () => {
  const { error, isChanged } = await failing({ value: () => Infinity });
  assertEquals([error.step, error.epoch, error.tensor, isChanged], [1, 1, "tensor", false]);
  assertStringIncludes(error.message, "first in tensor [10, 3], Infinity at 0, in step 1 (epoch 1)");
});

Deno.test("the first operation that gives no finite number is named, with what it read", async () => {
  const { error, isChanged } = await failing({ value: () => 3e38 });
  assertEquals([error.step, error.tensor, isChanged], [1, "linear", false]);
  assertStringIncludes(error.message, "in the output of linear of tensor [10, 3] and trainer.0.weights [3, 4]");
});

Deno.test("a gradient that is not finite is found in the parameter that it spoilt, and at once when gradients are clipped", async () => {
  for (const optimizer of [Adam, Sgd]) {
    const { error } = await failing({ wrap: brokenGradient(3), optimizer });
    assertEquals([error.step, error.epoch, error.tensor], [4, 1, "trainer.0.weights"]);
    assertStringIncludes(error.message, "trainer.0.weights [3, 4], NaN at 0, by the update of step 3");
    assertEquals(error.message.includes("whose gradient was not finite"), optimizer === Adam);
  }
  const { error, isChanged } = await failing({ wrap: brokenGradient(1), clipNorm: 1 });
  assertEquals([error.step, error.tensor, isChanged], [1, "trainer.0.weights", false]);
  assertStringIncludes(error.message, "the gradient of trainer.0.weights is not finite in step 1");
});

Deno.test("the last checkpoint from before is named, and holds no such number", () =>
  inFolder(async (folder) => {
    const { error } = await failing({ wrap: brokenGradient(7), folder });
    // The step that spoilt the parameters is seen when it is to be saved.
    assertEquals([error.step, error.epoch], [7, 2]);
    assertEquals(error.checkpoint, `${folder}/checkpoint-00000007.pnck`);
    assertStringIncludes(error.message, `the last checkpoint before it is ${folder}/checkpoint-00000007.pnck`);
    assertEquals([...Deno.readDirSync(folder)].length, 2);
  }));
