/** Measures how many bytes of typed arrays are made, by standing in for their constructors. */

const NAMES = [
  ...["Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array"],
  ...["Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array", "ArrayBuffer"],
] as const;

type Constructor = (new (...args: unknown[]) => { byteLength: number; buffer?: ArrayBufferLike }) & {
  BYTES_PER_ELEMENT?: number;
};

/** While it lasts, typed arrays of this thread are counted; views of buffers are not. */
export class AllocationMeter implements Disposable {
  /** Bytes since the last reset. */
  bytes = 0;
  readonly #originals = new Map<string, Constructor>();

  constructor() {
    const scope = globalThis as unknown as Record<string, Constructor>;
    for (const name of NAMES) {
      const original = scope[name];
      this.#originals.set(name, original);
      const count = (made: { byteLength: number }, from: unknown): void => {
        if (!(from instanceof ArrayBuffer || from instanceof SharedArrayBuffer)) this.bytes += made.byteLength;
      };
      scope[name] = new Proxy(original, {
        construct: (target, args, newTarget) => {
          const made = Reflect.construct(target, args, newTarget) as { byteLength: number };
          count(made, args[0]);
          return made;
        },
        get: (target, key) =>
          key === "from" || key === "of"
            ? (...args: unknown[]) => {
              const made = (target as unknown as Record<string, (...args: unknown[]) => { byteLength: number }>)[key](
                ...args,
              );
              count(made, undefined);
              return made;
            }
            : Reflect.get(target, key),
      });
    }
  }

  [Symbol.dispose](): void {
    for (const [name, original] of this.#originals) {
      (globalThis as unknown as Record<string, Constructor>)[name] = original;
    }
  }
}
