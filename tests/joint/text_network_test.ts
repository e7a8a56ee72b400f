import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { parseTextFeatures, TrainingError } from "../../lib/joint/mod.ts";
import { TextNetwork } from "../../lib/joint/text_network.ts";
import { Region } from "../../lib/kernels/mod.ts";
import { encodePnet, loadPnet } from "../../lib/packed/mod.ts";
import { testNumbers } from "../projection/reference.ts";

const TEXTS = ["set an alarm for six", "play some jazz", "", "ALARM off, please!"];
const LABELS = ["time", "music", "none"];

function randomize(network: TextNetwork): void {
  const next = testNumbers(7);
  for (const { data } of network.parameters) data.forEach((_, i) => data[i] = next() * 2 - 1);
}

Deno.test("TextNetwork: the packed file gives the logits of the trained network, calibrated or not", () => {
  using region = new Region();
  region.run(() => {
    for (const entries of ["presence", "sign", "ternary"] as const) {
      for (const head of ["float", "int8", "int4", "ternary", "binary"] as const) {
        for (const hidden of [undefined, 5]) {
          const network = new TextNetwork({
            functions: 16,
            bitsPerFunction: 3,
            entries,
            head,
            hidden,
            classes: 3,
            seed: 3,
          });
          randomize(network);
          const { data } = network.forward(network.encode(TEXTS));
          for (const divisor of [1, 2]) {
            network.calibrate(divisor);
            const classifier = loadPnet(encodePnet(network.pack(LABELS)));
            TEXTS.forEach((text, row) =>
              classifier.logits(text).forEach((logit, j) =>
                assertAlmostEquals(logit, data[3 * row + j] / divisor, 0.05)
              )
            );
          }
        }
      }
    }
  });
});

Deno.test("TextNetwork: functions are shared out by the kinds of features", () => {
  using region = new Region();
  region.run(() => {
    const features = parseTextFeatures("words1-2:2, skips0-3,characters4");
    assertEquals(features, [
      { kind: "words", from: 1, to: 2, share: 2 },
      { kind: "skips", from: 0, to: 3, share: 1 },
      { kind: "characters", from: 4, to: 4, share: 1 },
    ]);
    const { projection } = new TextNetwork({ functions: 10, features, classes: 2, seed: 1 });
    assertEquals(projection.partitions.map(({ functions }) => functions), [5, 3, 2]);
  });
  for (const wrong of ["", "letters3", "words", "words1-", "words1-2:", "words1,,"]) {
    assertEquals(parseTextFeatures(wrong), undefined, wrong);
  }
});

Deno.test("TextNetwork: pruning takes the smallest weights until the file is small enough, for good", () => {
  using region = new Region();
  region.run(() => {
    const network = new TextNetwork({ functions: 400, classes: 3, seed: 3, maxBytes: 300 });
    randomize(network);
    const size = (): number => encodePnet(network.pack(LABELS)).length;
    const whole = size(), before = network.parameters[0].data.slice();
    network.pruneTo(whole, LABELS);
    assertEquals(network.parameters[0].data, before);
    network.pruneTo(300, LABELS);
    assert(size() <= 300 && size() > 280, `${size()} bytes`);
    const { data } = network.parameters[0];
    const kept = before.filter((_, i) => data[i] !== 0), gone = before.filter((_, i) => data[i] === 0);
    assertEquals(network.parameterCount, kept.length + 3);
    assert(Math.min(...kept.map(Math.abs)) >= Math.max(...gone.map(Math.abs)));
    data.fill(1);
    network.forward(network.encode(TEXTS));
    assertEquals(data.filter((weight) => weight === 0).length, gone.length);
    assertThrows(() => network.pruneTo(40, LABELS), TrainingError, "maxBytes: a file of 40 bytes was wanted");
  });
});

Deno.test("TextNetwork: weights of bits that many texts set are spared", () => {
  using region = new Region();
  region.run(() => {
    const network = new TextNetwork({ functions: 400, classes: 3, seed: 3, maxBytes: 300 });
    const { data } = network.parameters[0];
    data.fill(0.25);
    network.observe([{ offsets: Int32Array.of(0, 2, 4), ids: Int32Array.of(7, 9, 7, 300) }]);
    for (let j = 0; j < 3; j++) data[3 * 300 + j] = 0.2;
    network.pruneTo(encodePnet(network.pack(LABELS)).length - 1, LABELS);
    const kept = [...data.keys()].filter((i) => data[i] !== 0).map((i) => Math.floor(i / 3));
    assertEquals(kept, [7, 7, 7, 9, 9, 9, 300, 300, 300]);
    network.pruneTo(encodePnet(network.pack(LABELS)).length - 1, LABELS);
    assertEquals([...data.keys()].filter((i) => data[i] !== 0).map((i) => Math.floor(i / 3)), [7, 7, 7, 9, 9, 9]);
  });
});

Deno.test("TextNetwork: what does not fit is refused", () => {
  assertThrows(() => new TextNetwork({ functions: 9, head: "table", classes: 2, seed: 1 }), TrainingError, "tables");
  assertThrows(() => new TextNetwork({ functions: 2, classes: 2, seed: 1 }), TrainingError, "functions is 0");
  assertThrows(
    () => new TextNetwork({ functions: 9, touches: 65, classes: 2, seed: 1 }),
    TrainingError,
    "touches is 65",
  );
});
