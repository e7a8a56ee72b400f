import { assertEquals } from "@std/assert";
import { Region } from "../../mod.ts";
import { convFilter, type ConvSpec, hash32 } from "../../lib/projection/mod.ts";
import { fitFilterThresholds } from "../../lib/joint/conv_rows.ts";

const side = 7, filter = 3, positions = side - filter + 1, count = 23;
const spec: ConvSpec = {
  family: "conv",
  seed: 5,
  features: side * side,
  functions: 4,
  bitsPerFunction: 1,
  image: { width: side, height: side, channels: 1 },
  filter,
  stride: 1,
  cell: positions,
  cellStride: positions,
  filterThresholds: new Int32Array(4),
};

/** Every response of a filter, ascending. */
function sortedResponses(features: Uint8Array, index: number): number[] {
  const taps = new Int8Array(filter * filter);
  convFilter(spec, index, taps);
  const responses: number[] = [];
  for (let image = 0; image < count; image++) {
    for (let p = 0; p < positions ** 2; p++) {
      const corner = image * side * side + Math.floor(p / positions) * side + p % positions;
      let sum = 0;
      taps.forEach((tap, i) => sum += tap * features[corner + Math.floor(i / filter) * side + i % filter]);
      responses.push(sum);
    }
  }
  return responses.sort((a, b) => a - b);
}

Deno.test("thresholds of filters stand at the quantile of the sorted responses", () => {
  const images = {
    random: Uint8Array.from({ length: count * side * side }, (_, i) => hash32(2, 0, i)),
    "few values": Uint8Array.from({ length: count * side * side }, (_, i) => hash32(2, 1, i) & 1),
    flat: new Uint8Array(count * side * side).fill(9),
  };
  for (const [name, features] of Object.entries(images)) {
    for (const quantile of [0, 0.01, 0.5, 0.95, 1]) {
      using region = new Region();
      const found = region.run(() => fitFilterThresholds(spec, { features, count }, { quantile, width: 32 }));
      const wanted = Array.from({ length: 4 }, (_, j) => {
        const sorted = sortedResponses(features, j);
        return sorted[Math.floor((sorted.length - 1) * quantile)];
      });
      assertEquals([...found], wanted, `${name}, ${quantile}`);
    }
  }
});
