/**
 * What tells a run from another one, as plain data: its options, and its data by their digests.
 *
 * @module
 */
import type { Dataset, TextDataset } from "../../data/mod.ts";
import { kernels } from "../../kernels/mod.ts";

/** What identifies a data set. */
export interface DataFacts {
  /** What it was called. */
  readonly name: string;
  /** Number of rows. */
  readonly rows: number;
  /** Number of classes. */
  readonly classes: number;
  /** Of its features or texts, and its labels. */
  readonly sha256: string;
}

/** The facts of a data set. */
export async function dataFacts(data: Dataset | TextDataset): Promise<DataFacts> {
  const rows = "texts" in data ? new TextEncoder().encode(JSON.stringify(data.texts)) : data.features;
  const parts = [rows, data.labels, new TextEncoder().encode(JSON.stringify(data.labelNames))];
  const digests = await Promise.all(parts.map((part) => crypto.subtle.digest("SHA-256", bytesOf(part))));
  const joined = new Uint8Array(digests.flatMap((digest) => [...new Uint8Array(digest)]));
  return { name: data.name, rows: data.count, classes: data.labelNames.length, sha256: await sha256(joined) };
}

/** The bytes of an array; a copy where they are shared between threads, which no digest takes. */
function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return buffer instanceof ArrayBuffer ? bytes as Uint8Array<ArrayBuffer> : bytes.slice();
}

/** The SHA-256 of some bytes in hexadecimal digits. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The value as JSON has it, with the keys of all objects in order: the same options give the same bytes. Arrays of numbers stand as their length and SHA-256;
 * functions and what is undefined are left out.
 */
export async function canonicalValue(value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return await Promise.all(value.map(canonicalValue));
  if (typeof value !== "object" || value === null) return value;
  if (ArrayBuffer.isView(value)) {
    return { numbers: (value as Uint8Array).length, sha256: await sha256(bytesOf(value)) };
  }
  const entries = Object.entries(value).filter(([, of]) => of !== undefined && typeof of !== "function");
  entries.sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(
    await Promise.all(entries.map(async ([key, of]) => [key, await canonicalValue(of)] as const)),
  );
}

/** What a run follows from, as plain data. */
export async function identifyRun(
  kind: string,
  { data, validation, test, teacher, signal: _signal, checkpoint, ...options }: {
    readonly data: Dataset | TextDataset;
    readonly validation?: Dataset | TextDataset | number;
    readonly test?: Dataset | TextDataset;
    readonly teacher?: { readonly name: string; readonly parameters: number };
    readonly signal?: AbortSignal;
    readonly checkpoint?: { readonly context?: unknown };
  },
): Promise<unknown> {
  const facts = async (part: Dataset | TextDataset | undefined): Promise<unknown> =>
    // The same data may have another path the next time.
    part && { ...await dataFacts(part), name: undefined };
  return {
    kind,
    kernels: kernels().name,
    options: await canonicalValue(options),
    context: await canonicalValue(checkpoint?.context),
    teacher: teacher && { name: teacher.name, parameters: teacher.parameters },
    data: await facts(data),
    validation: typeof validation === "number" ? validation : await facts(validation),
    test: await facts(test),
  };
}

/** The first difference between two values of plain data in words, with names for both; undefined when they are equal. */
export function firstDifference(
  [first, nameOfFirst]: readonly [value: unknown, name: string],
  [second, nameOfSecond]: readonly [value: unknown, name: string],
): string | undefined {
  const found = difference(first, second, []);
  if (found === undefined) return undefined;
  const [path, ...sides] = found;
  const [here, there] = sides.map((value) => {
    const text = JSON.stringify(value) ?? "left out";
    return text.length > 60 ? `${text.slice(0, 57)}...` : text;
  });
  return `${path.join(".")} is ${here} in ${nameOfFirst} and ${there} in ${nameOfSecond}`;
}

function difference(a: unknown, b: unknown, path: string[]): [path: string[], a: unknown, b: unknown] | undefined {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return a === b ? undefined : [path, a, b];
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = difference(a[key as keyof typeof a], b[key as keyof typeof b], [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}
