/**
 * Damaged ONNX files: whatever is changed, there is a model or a typed error, soon, and in little memory. ONNX_FUZZ says how many changes are tried on each
 * file, 2500 when it does not.
 */
import { assert, assertEquals, assertLess } from "@std/assert";
import { train, type TrainerOptions } from "../../mod.ts";
import {
  exportProjection,
  exportTrainer,
  importTrainer,
  inspectOnnx,
  OnnxFormatError,
  OnnxModelError,
  onnxTeacher,
} from "../../lib/onnx/mod.ts";
import { blobs } from "../joint/fixtures.ts";
import { makeModel } from "../packed/models.ts";
import { testNumbers } from "../projection/reference.ts";
import "./run.ts";

const mutations = Number(Deno.env.get("ONNX_FUZZ") ?? 2500);

/** Lengths and numbers that readers stumble over. */
const hostile = [
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
  [0x80, 0x80, 0x80, 0x10],
  [0],
];

/** The bytes with one thing or a few changed: bits, bytes, numbers, pieces moved, doubled or cut out, the end lost. */
function mutate(bytes: Uint8Array, next: () => number): Uint8Array {
  const at = (length: number): number => Math.floor(next() * length);
  let found: Uint8Array = bytes.slice();
  for (let changes = 1 + at(3); changes > 0; changes--) {
    // Half of them where the structure is: near the ends, between the constants.
    const place = next() < 0.5 ? at(found.length) : at(Math.min(found.length, 400));
    const from = next() < 0.3 ? Math.max(0, found.length - place) : place;
    const length = 1 + at(12);
    const [head, tail] = [found.subarray(0, from), found.subarray(from)];
    const join = (...parts: ArrayLike<number>[]): Uint8Array =>
      Uint8Array.from(parts.flatMap((part) => Array.from(part)));
    switch (at(7)) {
      case 0:
        if (from < found.length) found[from] ^= 1 << at(8);
        break;
      case 1:
        if (from < found.length) found[from] = at(256);
        break;
      case 2:
        found = join(head, hostile[at(hostile.length)], tail.subarray(Math.min(tail.length, at(4))));
        break;
      case 3:
        found = join(head, tail.subarray(Math.min(tail.length, length)));
        break;
      case 4:
        found = join(head, tail.subarray(0, length), tail);
        break;
      case 5:
        found = found.slice(0, from);
        break;
      case 6:
        if (from + length < found.length) found.set(found.slice(from, from + length), at(found.length - length));
    }
  }
  return found;
}

async function outcome(work: () => unknown): Promise<string> {
  try {
    await work();
    return "read";
  } catch (error) {
    if (error instanceof OnnxFormatError || error instanceof OnnxModelError) return error.name;
    throw error;
  }
}

const data = blobs(24);

async function trainer(options: TrainerOptions): Promise<Uint8Array> {
  const result = await train({ data, trainer: options, projections: [{ functions: 2 }], epochs: 1, validation: 0 });
  return await exportTrainer({ ...result.trainer.description!, state: result.trainer.state });
}

const files: Record<string, () => Promise<Uint8Array>> = {
  "a feed-forward trainer": () => trainer({ hidden: [3] }),
  "a convolutional trainer": () => trainer({ kind: "cnn", hidden: [2] }),
  "a recurrent trainer": () => trainer({ kind: "lstm", hidden: [2] }),
  "a projection network": () => Promise.resolve(exportProjection(makeModel({ head: ["int8", "float"] }))),
};

for (const [name, create] of Object.entries(files)) {
  Deno.test(`${name}: ${mutations} changes of its file give a model or a typed error, in bounded time and memory`, async () => {
    const bytes = await create(), next = testNumbers(bytes.length), counts = new Map<string, number>();
    const before = Deno.memoryUsage().rss;
    let slowest = 0;
    for (let i = 0; i < mutations; i++) {
      const changed = mutate(bytes, next), began = performance.now();
      for (const work of [() => inspectOnnx(changed), () => importTrainer(changed)]) {
        const what = await outcome(work);
        counts.set(what, (counts.get(what) ?? 0) + 1);
      }
      slowest = Math.max(slowest, performance.now() - began);
    }
    assert(counts.get("OnnxFormatError")! > mutations / 10, `${[...counts]}`);
    assert(counts.get("read")! > mutations / 10, `${[...counts]}`);
    assertLess(slowest, 2000);
    assertLess(Deno.memoryUsage().rss - before, 3e8);
  });
}

Deno.test("damaged files as teachers: those that are read are refused by the runtime, or give answers", async () => {
  const bytes = await files["a feed-forward trainer"](), next = testNumbers(5), counts = new Map<string, number>();
  for (let i = 0; i < mutations / 100; i++) {
    const what = await outcome(async () => {
      const teacher = await onnxTeacher(mutate(bytes, next), { data });
      try {
        const logits = await teacher.logits(data);
        assertEquals(logits.length, 4 * data.count);
      } finally {
        await teacher.release();
      }
    });
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  assert(counts.size > 1, `${[...counts]}`);
});
