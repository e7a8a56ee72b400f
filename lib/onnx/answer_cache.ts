/**
 * A teacher's answers on disk, by the hash of model, data and how the one reads the other. A damaged file counts as one that is not there.
 *
 * @module
 */
import { type Dataset, writeFileWhole } from "../data/mod.ts";
import type { TeacherUsage } from "./teacher.ts";

const hashBytes = 32;

/** The answers of one model. */
export class AnswerCache {
  readonly #folder: string | undefined;
  readonly #model: Uint8Array;

  /** Keeps answers of a model in a folder, or nowhere. */
  constructor(folder: string | undefined, model: Uint8Array) {
    this.#folder = folder;
    this.#model = model;
  }

  /** How the model is used for data, found out once. */
  async usage(data: Dataset, asked: object, find: () => Promise<TeacherUsage>): Promise<TeacherUsage> {
    const bytes = await this.#keep(
      data,
      { asked, labels: await digest(asBytes(data.labels)) },
      async () => new TextEncoder().encode(JSON.stringify(await find())),
    );
    return JSON.parse(new TextDecoder().decode(bytes));
  }

  /** The model's answers for all rows of data, computed once. */
  async answers(data: Dataset, used: object, compute: () => Promise<Float32Array>): Promise<Float32Array> {
    const bytes = await this.#keep(data, { used }, async () => asBytes(await compute()));
    return new Float32Array(bytes.slice().buffer);
  }

  async #keep(data: Dataset, options: object, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
    if (this.#folder === undefined) return await make();
    const { input, count, labelNames } = data;
    const parts = [digest(this.#model), digest(asBytes(data.features))];
    const key = JSON.stringify({ parts: await Promise.all(parts), input, count, labelNames, options });
    const path = `${this.#folder}/${await digest(new TextEncoder().encode(key))}.answers`;
    const known = await readVerified(path);
    if (known !== undefined) return known;
    const bytes = await make();
    const file = new Uint8Array(hashBytes + bytes.length);
    file.set(await sha256(bytes));
    file.set(bytes, hashBytes);
    try {
      await Deno.mkdir(this.#folder, { recursive: true });
      await writeFileWhole(path, file);
    } catch {
      // A full disk or a folder of another user: the answers are here all the same.
    }
    return bytes;
  }
}

async function readVerified(path: string): Promise<Uint8Array | undefined> {
  let file: Uint8Array;
  try {
    file = await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
  const bytes = file.subarray(hashBytes), hash = await sha256(bytes);
  return hash.every((byte, i) => byte === file[i]) ? bytes : undefined;
}

function asBytes({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

async function digest(bytes: Uint8Array): Promise<string> {
  return Array.from(await sha256(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  // A copy: the memory may be shared, which the platform's digest refuses.
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.slice() as Uint8Array<ArrayBuffer>));
}
