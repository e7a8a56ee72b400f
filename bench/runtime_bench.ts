/** Benchmarks of the packed runtimes: one sample of 784 bytes, of which a fifth is not zero, for every family and head. */
import { hash32 } from "../mod.ts";
import { type Family, packModel } from "./packed_model.ts";

const BITS = 720;
const sample = Uint8Array.from({ length: 784 }, (_, i) => hash32(1, 0, i) % 5 === 0 ? hash32(1, 1, i) & 255 : 0);
const batch = new Uint8Array(256 * sample.length);
for (let at = 0; at < batch.length; at += sample.length) batch.set(sample, at);

for (const head of ["ternary", "int8", "float"] as const) {
  for (const family of ["taps", "hadamard", "sign", "gaussian"] as const satisfies Family[]) {
    const model = packModel({ family, head, bits: BITS });
    for (const runtime of ["plain", "wasm"] as const) {
      const name = `${family}, ${head} head, ${runtime}`;
      const baseline = family === "taps" && runtime === "plain";
      Deno.bench({ name, group: `one sample, ${head} head`, baseline, fn: () => void model[runtime].classify(sample) });
      Deno.bench({
        name: `${name}, 256 samples`,
        group: `256 samples, ${head} head`,
        baseline,
        fn: () => void model[runtime].classifyBatch(batch),
      });
    }
  }
}
