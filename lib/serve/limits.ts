/**
 * What one request may ask for, and the reading of its body within that.
 *
 * @module
 */

import { Problem } from "./problem.ts";

/** Bounds on requests. */
export interface Limits {
  /** Bytes of a body, and of a line of JSON lines (default 4 MiB). */
  bodyBytes: number;
  /** Bytes of all bodies that are being read or answered (default 256 MiB). */
  heldBytes: number;
  /** Samples of a batch (default 4,096). JSON lines are answered as they come, however many. */
  batch: number;
  /** UTF-16 code units of a text (default 20,000). */
  textLength: number;
  /** Labels beside the first in an answer (default 100). */
  top: number;
  /** Milliseconds for a body to arrive, for a line of JSON lines to arrive, and for a batch to be classified (default 10,000). */
  milliseconds: number;
}

/** The limits that hold where no others are given. */
export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 4 << 20,
  heldBytes: 256 << 20,
  batch: 4096,
  textLength: 20_000,
  top: 100,
  milliseconds: 10_000,
};

const close = { headers: { connection: "close" } };

/** Turns of the queue of promises after which what is there already, such as a body that came with its headers, has been given out; it needs no timer. */
const TURNS = 4;

/**
 * Waits for something from a client.
 *
 * @param promise what is waited for
 * @param milliseconds for how long
 * @param what its name in the message
 * @throws {Problem} 408 when it does not come in time
 */
export async function inTime<T>(promise: Promise<T>, milliseconds: number, what: string): Promise<T> {
  let waits = true;
  const arrived = (): void => {
    waits = false;
  };
  promise.then(arrived, arrived);
  for (let turn = 0; waits && turn < TURNS; turn++) await undefined;
  if (!waits) return await promise;
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const detail = `${what} took more than ${milliseconds} ms to arrive`;
      reject(new Problem(408, detail, close));
    }, milliseconds);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Reads bodies, one service's together within the limits. */
export class BodyReader {
  readonly #limits: Limits;
  #held = 0;

  /** Takes the limits. */
  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /**
   * Reads a body and gives it to `use`; its bytes count as held until that is done.
   *
   * @param request its body has not been read
   * @param use takes the bytes
   * @returns what `use` returns
   * @throws {Problem} 413 for too many bytes, 408 for bytes that come too slowly, 429 when too many are held, 400 when the body breaks off
   */
  async read<T>(request: Request, use: (bytes: Uint8Array) => T | Promise<T>): Promise<T> {
    const { bodyBytes, heldBytes, milliseconds } = this.#limits;
    let mine = 0, isOver = false;
    const hold = (bytes: number): void => {
      // Nobody waits for what comes after the time: to refuse it ends the reading, and it would be held for ever.
      if (isOver) throw new Problem(408, "the body came too late", close);
      mine += bytes;
      this.#held += bytes;
      if (mine > bodyBytes) throw new Problem(413, `the body has more than ${bodyBytes} bytes`, close);
      if (this.#held > heldBytes) {
        throw new Problem(429, `${this.#held} bytes of bodies wait for an answer, wanted at most ${heldBytes}`, {
          headers: { ...close.headers, "retry-after": "1" },
        });
      }
    };
    try {
      const announced = request.headers.get("content-length");
      if (announced !== null) hold(Number(announced) || 0);
      // Where the length is announced the server sees to it that no more bytes come. To ask for `request.body` makes a stream, which takes as long as all the rest.
      const bytes = announced === null ? readChunks(request.body, hold) : request.arrayBuffer();
      bytes.catch(() => {}); // it may fail after the time is over
      const body = new Uint8Array(await inTime(bytes, milliseconds, "the body").catch(brokenOff));
      if (body.length > mine) hold(body.length - mine);
      return await use(body);
    } finally {
      isOver = true;
      this.#held -= mine;
    }
  }
}

function brokenOff(error: unknown): never {
  if (error instanceof Problem) throw error;
  throw new Problem(400, `the body broke off: ${error instanceof Error ? error.message : String(error)}`, close);
}

async function readChunks(
  body: ReadableStream<Uint8Array> | null,
  hold: (bytes: number) => void,
): Promise<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    hold(chunk.length);
    length += chunk.length;
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes.buffer;
}
