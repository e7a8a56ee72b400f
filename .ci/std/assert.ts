/**
 * Stand-ins for the functions of `jsr:@std/assert` that the tests use, for machines that cannot reach the registry.
 *
 * Only what the tests call is here, with the same signatures and the same verdicts. Equality follows the package: 0 equals −0,
 * NaN equals NaN, and an object without a prototype equals a plain one with the same entries.
 */
import { AssertionError as NodeAssertionError } from "node:assert";
import { inspect, isDeepStrictEqual } from "node:util";

/** What a failed assertion throws. */
export class AssertionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

// deno-lint-ignore no-explicit-any
type AnyClass = abstract new (...args: any[]) => any;
type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

const show = (value: unknown): string =>
  inspect(value, { depth: 8, maxArrayLength: 60, maxStringLength: 2000, breakLength: 100 });

function fail(what: string, message?: string): never {
  throw new AssertionError(message === undefined ? what : `${what}: ${message}`);
}

/** The value with −0 replaced by 0 and null prototypes by Object.prototype, all the way down, so that node's comparison agrees with std's. */
function normalise(value: unknown, seen: Map<object, unknown>): unknown {
  if (Object.is(value, -0)) return 0;
  if (typeof value !== "object" || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  if (value instanceof Float32Array || value instanceof Float64Array) {
    const copy = value.slice();
    for (let i = 0; i < copy.length; i++) if (copy[i] === 0) copy[i] = 0;
    return copy;
  }
  if (Array.isArray(value)) {
    const copy: unknown[] = new Array(value.length);
    seen.set(value, copy);
    for (const key of Object.keys(value)) copy[key as unknown as number] = normalise(value[key as never], seen);
    return copy;
  }
  if (value instanceof Map) {
    const copy = new Map<unknown, unknown>();
    seen.set(value, copy);
    for (const [key, entry] of value) copy.set(normalise(key, seen), normalise(entry, seen));
    return copy;
  }
  if (value instanceof Set) {
    const copy = new Set<unknown>();
    seen.set(value, copy);
    for (const entry of value) copy.add(normalise(entry, seen));
    return copy;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return value;
  const copy: Record<PropertyKey, unknown> = {};
  seen.set(value, copy);
  for (const key of Reflect.ownKeys(value)) {
    if (!Object.prototype.propertyIsEnumerable.call(value, key)) continue;
    const entry = normalise((value as Record<PropertyKey, unknown>)[key], seen);
    Object.defineProperty(copy, key, { value: entry, enumerable: true, configurable: true, writable: true });
  }
  return copy;
}

function equal(actual: unknown, expected: unknown): boolean {
  return isDeepStrictEqual(normalise(actual, new Map()), normalise(expected, new Map()));
}

/** Node's coloured difference of two values, which it only gives inside an error. */
function difference(actual: unknown, expected: unknown): string {
  return new NodeAssertionError({ actual, expected, operator: "deepStrictEqual" }).message;
}

/** Fails unless `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Fails unless the two values are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) {
    fail(`Values are not equal${msg === undefined ? "" : `: ${msg}`}\n${difference(actual, expected)}`);
  }
}

/** Fails when the two values are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) fail(`Expected actual: ${show(actual)} not to be: ${show(expected)}`, msg);
}

/** Fails unless the numbers differ by at most `tolerance` (by default 1e-7 of the expected value). */
export function assertAlmostEquals(actual: number, expected: number, tolerance?: number, msg?: string): void {
  if (Object.is(actual, expected)) return;
  const allowed = tolerance ?? (Number.isFinite(expected) ? Math.abs(expected) * 1e-7 : 1e-7);
  if (Math.abs(expected - actual) <= allowed) return;
  fail(`Expected actual: ${actual} to be close to ${expected}: delta ${Math.abs(expected - actual)} > ${allowed}`, msg);
}

/** Fails unless `actual >= expected`. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual >= expected)) fail(`Expect ${show(actual)} >= ${show(expected)}`, msg);
}

/** Fails unless `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) fail(`Expect ${show(actual)} < ${show(expected)}`, msg);
}

/** Fails unless `actual` is an instance of `expectedType`. */
export function assertInstanceOf<T extends AnyClass>(
  actual: unknown,
  expectedType: T,
  msg?: string,
): asserts actual is InstanceType<T> {
  if (actual instanceof expectedType) return;
  fail(`Expected object to be an instance of "${expectedType.name}" but was ${show(actual)}`, msg);
}

/** Fails unless `actual` matches the regular expression. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (actual.match(expected) === null) fail(`Expected actual: "${actual}" to match: "${expected}"`, msg);
}

/** Fails unless `actual` contains `expected`. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) fail(`Expected actual: "${actual}" to contain: "${expected}"`, msg);
}

function checkThrown(error: unknown, expected: ThrowExpectation): void {
  const { errorClass, includes, message } = expected;
  if (errorClass === undefined) return;
  const thrownClass = (error as { constructor?: { name: string } } | undefined)?.constructor?.name;
  if (!(error instanceof Error)) fail(`A non-Error object was thrown: ${show(error)}`, message);
  if (!(error instanceof errorClass)) {
    fail(
      `Expected error to be instance of "${errorClass.name}", but was "${thrownClass}": ${(error as Error).message}`,
      message,
    );
  }
  if (includes !== undefined && !error.message.includes(includes)) {
    fail(`Expected error message to include "${includes}", but got "${error.message}"`, message);
  }
}

interface ThrowExpectation {
  errorClass?: ErrorClass<Error>;
  includes?: string;
  message?: string;
}

function readExpectation(classOrMessage?: unknown, includesOrMessage?: string, message?: string): ThrowExpectation {
  if (typeof classOrMessage !== "function") return { message: classOrMessage as string | undefined };
  return { errorClass: classOrMessage as ErrorClass<Error>, includes: includesOrMessage, message };
}

/** Fails unless `fn` throws; with a class and a text, unless it throws an instance whose message includes the text. Gives the error. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  classOrMessage?: ErrorClass<Error> | string,
  includesOrMessage?: string,
  message?: string,
): unknown {
  const expected = readExpectation(classOrMessage, includesOrMessage, message);
  try {
    fn();
  } catch (error) {
    checkThrown(error, expected);
    return error;
  }
  fail("Expected function to throw", expected.message);
}

/** Like {@linkcode assertThrows} for a function whose promise is expected to be rejected (a synchronous throw fails). */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  classOrMessage?: ErrorClass<Error> | string,
  includesOrMessage?: string,
  message?: string,
): Promise<unknown> {
  const expected = readExpectation(classOrMessage, includesOrMessage, message);
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (error) {
    fail(`Function throws when expected to reject: ${show(error)}`, expected.message);
  }
  try {
    await promise;
  } catch (error) {
    checkThrown(error, expected);
    return error;
  }
  fail("Expected function to reject", expected.message);
}
