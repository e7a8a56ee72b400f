/**
 * What tells a run from another one, as plain data: its options, and its data by their digests.
 *
 * @module
 */
import { type AnyDataset, samplesOf } from "../../data/mod.ts";
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

/** Rows that are digested at a time. */
const rowsAtOnce = 1024;

/** The facts of a data set, the same whether it is in memory or stays in its files, which then are read once. */
export async function dataFacts(data: AnyDataset): Promise<DataFacts> {
  const { count, labels, labelNames } = data;
  const digests = [await digestOf(labels), await digestOf(new TextEncoder().encode(JSON.stringify(labelNames)))];
  for (let first = 0; first < count; first += rowsAtOnce) {
    const rows = samplesOf(data, first, Math.min(count, first + rowsAtOnce));
    digests.push(await digestOf(Array.isArray(rows) ? new TextEncoder().encode(JSON.stringify(rows)) : rows));
  }
  const joined = new Uint8Array(digests.flatMap((digest) => [...digest]));
  return { name: data.name, rows: count, classes: labelNames.length, sha256: await sha256(joined) };
}

async function digestOf(array: ArrayBufferView): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytesOf(array)));
}

/** The bytes of an array; a copy where they are shared between threads, which no digest takes. */
function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return buffer instanceof ArrayBuffer ? bytes as Uint8Array<ArrayBuffer> : bytes.slice();
}

/** The SHA-256 of some bytes in hexadecimal digits. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return Array.from(await digestOf(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
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
    readonly data: AnyDataset;
    readonly validation?: AnyDataset | number;
    readonly test?: AnyDataset;
    readonly teacher?: { readonly name: string; readonly parameters: number };
    readonly signal?: AbortSignal;
    readonly checkpoint?: { readonly context?: unknown };
  },
): Promise<unknown> {
  const facts = async (part: AnyDataset | undefined): Promise<unknown> =>
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
