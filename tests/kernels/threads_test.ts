import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { arenaMemory, patchGrid, Region } from "../../lib/kernels/mod.ts";
import type { Kernels } from "../../lib/kernels/interface.ts";
import { arenaIsShared } from "../../lib/kernels/memory.ts";
import { ThreadPool } from "../../lib/kernels/threads.ts";
import { I32, i32, ModuleBuilder } from "../../lib/kernels/wasm/assembler/mod.ts";
import { defineKernel } from "../../lib/kernels/wasm/kernel.ts";
import { wasmKernels } from "../../lib/kernels/wasm/mod.ts";
import { numbers } from "./cases/case.ts";

/** A pool over one kernel that adds 1 to counts[unit] and writes to owners[unit] the scratch address of the thread that did it. */
function countingPool(region: Region, scratch: number[], units: number) {
  const module = new ModuleBuilder({ sharedMemory: true, globals: ["scratch"] });
  const target = { module, features: { relaxed: false }, signatures: new Map() };
  defineKernel(target, "count", { counts: I32, owners: I32 }, (code, { counts, owners }, { start, end }) => {
    code.for(start, end, 1, (unit) => {
      const offset = unit.shiftLeft(2);
      const sum = counts.add(offset).loadF32x4().bits().add(1).asFloats();
      code.storeLane(counts.add(offset), sum);
      code.storeLane(owners.add(offset), module.global("scratch").splat().asFloats());
      // Takes a while, so that the other threads come to it.
      code.for(0, i32(20_000), 1, () => {});
    });
  });
  const compiled = new WebAssembly.Module(module.encode());
  const memory = arenaMemory()!;
  const pool = new ThreadPool({ module: compiled, memory, names: ["count"], scratch, words: region.int32(64).fill(0) });
  const counts = region.int32(units).fill(0), owners = region.int32(units).fill(0), block = region.int32(32);
  block.set([counts.byteOffset, owners.byteOffset]);
  const { count } = new WebAssembly.Instance(compiled, { env: { memory, scratch: 7 } }).exports;
  const run = (start: number, end: number): void => (count as CallableFunction)(start, end, block.byteOffset);
  const call = (): void => pool.run({ kernel: 0, units, block: block.byteOffset, run });
  return { pool, counts, owners, call };
}

Deno.test({
  name: "a pool computes every unit once, on all of its threads",
  ignore: !arenaIsShared(),
  fn() {
    const region = new Region();
    const { pool, counts, owners, call } = countingPool(region, [1007, 2007], 37);
    const seen = new Set<number>();
    let calls = 0;
    while (seen.size < 3 && calls < 20_000) {
      call();
      calls++;
      assertEquals([...new Set(counts)], [calls]);
      owners.forEach((owner) => seen.add(owner));
    }
    pool.shutdown();
    assertEquals([...seen].sort((a, b) => a - b), [7, 1007, 2007]);
  },
});

Deno.test({
  name: "a pool with a failing kernel says so and goes on",
  ignore: !arenaIsShared(),
  fn() {
    const { pool, call, counts } = countingPool(new Region(), [1007], 8);
    let message = "";
    try {
      pool.run({
        kernel: 99,
        units: 8,
        block: 0,
        run: () => {
          throw new Error("no such kernel");
        },
      });
    } catch (error) {
      message = (error as Error).message;
    }
    assertStringIncludes(message, "a kernel failed");
    call();
    pool.shutdown();
    assertEquals([...counts], new Array(8).fill(1));
  },
});

/** The outputs of calls that are large enough to be cut into parts in every way. */
function results(kernels: Kernels, region: Region): Uint8Array[] {
  const place = (count: number, seed: number): Float32Array => {
    const view = region.float32(count);
    view.set(numbers(count, seed));
    return view;
  };
  const outputs: Float32Array[] = [];
  for (const [rows, columns, inner] of [[61, 83, 700], [300, 5, 130], [7, 1030, 64]]) {
    for (const [transposeA, transposeB] of [[false, false], [true, false], [false, true], [true, true]]) {
      const out = place(rows * columns, 3);
      const options = { rows, columns, inner, transposeA, transposeB, bias: place(columns, 4), relu: true };
      kernels.matmul(place(rows * inner, 1), place(inner * columns, 2), out, options);
      outputs.push(out);
    }
  }
  const shape = { rows: 67, columns: 1003 }, size = shape.rows * shape.columns;
  const x = place(size, 5), y = place(size, 6), gradient = place(size, 7), sums = place(shape.columns, 8);
  kernels.reluBiasGradient(y, gradient, sums, { ...shape, accumulate: true });
  kernels.softmax(x, y, shape);
  kernels.unary("tanh", x, x);
  kernels.sgd(x, gradient, y, { learningRate: 0.1, momentum: 0.9, weightDecay: 0.01, nesterov: true });
  const mask = place(size, 9), patches = place(9 * size, 10), pixels = place(size, 11);
  kernels.dropoutMask(mask, { seed: 1, step: 2, limit: 2 ** 30, kept: 2 });
  kernels.softmaxGradient(y, mask, gradient, { ...shape, accumulate: true });
  const image = { images: 1, height: shape.rows, width: shape.columns, channels: 1 };
  const convolution = { ...image, kernel: [3, 3], stride: [1, 1], padding: [1, 1, 1, 1] } as const;
  kernels.im2col(x, patches, convolution);
  kernels.col2im(patches, pixels, { ...convolution, accumulate: true });
  const state = { rows: 67, units: 90, carried: 40 }, units = state.rows * state.units;
  const gates = place(4 * units, 12), cells = place(units, 13), squashed = place(units, 14), begun = place(units, 15);
  kernels.lstmCell({ gates, before: y, cells, squashed, out: begun }, state);
  kernels.lstmCellGradient({ gates, before: y, squashed, gradient: begun, cellGradient: cells }, state);
  const window = { ...image, kernel: [2, 3], stride: [1, 2], padding: [1, 0, 0, 1] } as const;
  const pooled = place(size, 16), places = region.int32(size), pooledGradient = place(size, 17);
  kernels.maxPool(x, pooled, places, window);
  kernels.maxPoolGradient(pooled, places, pooledGradient, { ...window, accumulate: true });
  kernels.averagePool(pooledGradient, pooled, window);
  kernels.averagePoolGradient(pooled, pooledGradient, { ...window, accumulate: true });
  const moments = { mean: place(shape.columns, 18), variance: place(shape.columns, 19) };
  kernels.columnMoments(pooledGradient, moments, shape);
  const dots = { sums: place(shape.columns, 20), dots: place(shape.columns, 21) };
  kernels.columnDots({ x, y: pooledGradient, mean: moments.mean }, dots, shape);
  const scaling = { x, factors: moments.mean, y: pooledGradient, others: dots.dots, offsets: dots.sums };
  const scaled = place(size, 22);
  kernels.scaleColumns(scaling, scaled, { ...shape, accumulate: false });
  const layer = { ...window, images: 5, height: 13, width: 9, channels: 10, outputs: 12 }, grid = patchGrid(layer);
  const inputs = place(5 * 13 * 9 * 10, 23), weights = place(2 * 3 * 10 * 12, 24), bias = place(12, 25);
  const convolved = place(5 * grid.rows * grid.columns * 12, 26);
  kernels.convolve(inputs, weights, convolved, { ...layer, bias, relu: true });
  kernels.convolutionInputGradient(convolved, weights, inputs, { ...layer, accumulate: true });
  kernels.convolutionWeightGradient(inputs, convolved, weights, { ...layer, accumulate: true });
  outputs.push(convolved, inputs, weights);
  outputs.push(pooled, pooledGradient, moments.mean, moments.variance, dots.sums, dots.dots, scaled);
  outputs.push(mask, patches, pixels, gates, cells, squashed, begun);
  outputs.push(x, y, gradient, sums, Float32Array.of(kernels.sumOfSquares(x)));
  return outputs.map((out) => Uint8Array.from(new Uint8Array(out.buffer, out.byteOffset, out.byteLength)));
}

for (const relaxed of [false, true]) {
  Deno.test(`1, 2 and 3 threads give the same bits, ${relaxed ? "relaxed-simd" : "simd"}`, () => {
    const threaded = wasmKernels({ relaxed });
    using region = new Region();
    const expected = results(threaded.kernels, region);
    for (const threads of [2, 3]) {
      threaded.useThreads(threads, { sharedFrom: 0, wakeFrom: 0, startAfter: 0 });
      for (let round = 0; round < 5; round++) {
        region.reset();
        results(threaded.kernels, region).forEach((bytes, index) =>
          assertEquals(bytes, expected[index], `output ${index} with ${threads} threads`)
        );
      }
    }
    threaded.useThreads(1);
  });
}

Deno.test("threads do not keep the process alive", async () => {
  const mod = new URL("../../lib/kernels/wasm/mod.ts", import.meta.url).href;
  const code = `
    const { wasmKernels } = await import(${JSON.stringify(mod)});
    const { kernels, useThreads } = wasmKernels({ relaxed: false });
    useThreads(3, { sharedFrom: 0, wakeFrom: 0, startAfter: 0 });
    const size = 256, values = new Float32Array(size * size);
    kernels.matmul(values, values, new Float32Array(size * size), { rows: size, columns: size, inner: size });
    console.log("done");`;
  const started = performance.now();
  const child = new Deno.Command(Deno.execPath(), { args: ["eval", code], stdin: "null" }).spawn();
  const timer = setTimeout(() => child.kill(), 20_000);
  const status = await child.status;
  clearTimeout(timer);
  assert(status.success);
  assertLess(performance.now() - started, 20_000);
});
