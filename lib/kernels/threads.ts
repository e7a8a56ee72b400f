/**
 * Threads that share the work of a kernel call.
 *
 * A call is cut into chunks of its outputs. The calling thread and the pool's threads take chunks until none are left; who computes a chunk makes no
 * difference to it, so the result has the same bits for any number of threads. The caller never waits for a thread that has not taken a chunk, so
 * that threads may start, or be late, at any time. Idle threads look for work for some microseconds and then sleep.
 *
 * @module
 */
import { arenaIsShared } from "./memory.ts";

/** How often an idle thread looks for work before it sleeps: some tens of microseconds. */
const spins = 2000;

/** A call is cut into so many chunks for each thread, so that a thread that is held up holds up a small part only. */
const chunksPerThread = 2;

interface Thread {
  terminate(): unknown;
}

/** What a pool is made from. */
export interface PoolOptions {
  /** The compiled kernels, which import `env.memory` and `env.scratch`. */
  readonly module: WebAssembly.Module;
  /** The shared arena. */
  readonly memory: WebAssembly.Memory;
  /** The kernels' names; a call names a kernel by its place in the list. */
  readonly names: readonly string[];
  /** Scratch memory for each thread beside the calling one, by address. */
  readonly scratch: readonly number[];
  /** Memory for the pool's control words, 64 zeros, which must stay for as long as the process lives. */
  readonly words: Int32Array;
}

/** One call of a kernel. */
export interface Call {
  /** The kernel's number. */
  readonly kernel: number;
  /** Units of work. */
  readonly units: number;
  /** Address of the arguments. */
  readonly block: number;
  /** Computes the units `start`...`end` on the calling thread. */
  run(start: number, end: number): void;
}

/** Threads at work on the arena. They do not keep the process alive. */
export class ThreadPool {
  /** Threads, with the calling one. */
  readonly threads: number;
  readonly #words: Int32Array;
  readonly #workers: Thread[];
  #mayWait = true;

  /** Starts the threads. */
  constructor({ scratch, words, ...shared }: PoolOptions) {
    this.#words = words;
    this.threads = scratch.length + 1;
    const data = { ...shared, control: words.byteOffset, word: controlWord, spins };
    this.#workers = scratch.map((address) => startThread({ ...data, scratch: address }));
  }

  /** Whether all threads but the calling one are asleep, so that a call would have to wake them. */
  get asleep(): boolean {
    return Atomics.load(this.#words, controlWord.asleep) >= this.#workers.length;
  }

  /** How many chunks a call of so many units is cut into. */
  chunks(units: number): number {
    return Math.min(units, this.threads * chunksPerThread);
  }

  /** Runs a kernel on all its units; returns when all are done. */
  run({ kernel, units, block, run }: Call): void {
    const words = this.#words, word = controlWord;
    const chunks = this.chunks(units);
    words[word.kernel] = kernel;
    words[word.chunks] = chunks;
    words[word.units] = units;
    words[word.block] = block;
    Atomics.store(words, word.finished, 0);
    Atomics.store(words, word.remaining, chunks);
    if (Atomics.load(words, word.asleep) > 0) Atomics.notify(words, word.remaining, chunks - 1);
    for (;;) {
      const remaining = Atomics.load(words, word.remaining);
      if (remaining === 0) break;
      if (Atomics.compareExchange(words, word.remaining, remaining, remaining - 1) !== remaining) continue;
      const chunk = remaining - 1;
      try {
        run(Math.floor(units * chunk / chunks), Math.floor(units * (chunk + 1) / chunks));
      } catch {
        Atomics.store(words, word.failed, 1);
      }
      Atomics.add(words, word.finished, 1);
    }
    this.#waitFor(chunks);
    if (Atomics.exchange(words, word.failed, 0) !== 0) {
      throw new Error("a kernel failed, which is an error in this library");
    }
  }

  /** Ends the threads. The pool must not be used again. */
  shutdown(): void {
    Atomics.store(this.#words, controlWord.remaining, -1);
    Atomics.notify(this.#words, controlWord.remaining);
    for (const worker of this.#workers) worker.terminate();
    this.#workers.length = 0;
  }

  #waitFor(chunks: number): void {
    const words = this.#words, word = controlWord;
    for (let spin = 0; Atomics.load(words, word.finished) < chunks; spin++) {
      if (spin < spins || !this.#mayWait) continue;
      Atomics.store(words, word.callerAsleep, 1);
      const finished = Atomics.load(words, word.finished);
      try {
        if (finished < chunks) Atomics.wait(words, word.finished, finished, 1);
      } catch {
        this.#mayWait = false; // a browser's main thread
      }
      Atomics.store(words, word.callerAsleep, 0);
    }
  }
}

/** Whether the platform has what threads need. */
export function threadsAvailable(): boolean {
  return arenaIsShared() && (typeof Worker !== "undefined" || nodeThreads() !== undefined);
}

/** How many threads the machine runs at a time. */
export function processorCount(): number {
  return globalThis.navigator?.hardwareConcurrency ?? 1;
}

interface NodeThreads {
  Worker: new (source: URL, options: { workerData: ThreadData }) => Thread & {
    unref(): void;
    on(event: "error", listener: () => void): void;
  };
}

/** The module `node:worker_threads` where there is one (Deno, Node): its threads can be told not to keep the process alive. */
function nodeThreads(): NodeThreads | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  return process?.getBuiltinModule?.("node:worker_threads") as NodeThreads | undefined;
}

/** Starts a thread from the source text of its function, which needs neither a file nor the network, nor permission for them. */
function startThread(data: ThreadData): Thread {
  const node = nodeThreads();
  if (node !== undefined) {
    const source = `import { workerData } from "node:worker_threads"; (${serveKernels})(workerData);`;
    const thread = new node.Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { workerData: data });
    thread.on("error", () => {});
    thread.unref();
    return thread;
  }
  const source = `onmessage = (event) => { (${serveKernels})(event.data); close(); }`;
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const thread = new Worker(url, { type: "module" });
  thread.onerror = (event): void => event.preventDefault();
  thread.postMessage(data);
  return thread;
}

/** What a thread is given when it starts. */
export interface ThreadData {
  /** The compiled kernels. */
  readonly module: WebAssembly.Module;
  /** The arena. */
  readonly memory: WebAssembly.Memory;
  /** Address of the thread's own scratch memory. */
  readonly scratch: number;
  /** Address of the pool's control words. */
  readonly control: number;
  /** Where each control word is. */
  readonly word: typeof controlWord;
  /** The kernels' names by number. */
  readonly names: readonly string[];
  /** How often to look for work before going to sleep. */
  readonly spins: number;
}

/** Places of the pool's control words, in 32-bit words; those that change often have a cache line each. */
export const controlWord = {
  /** Chunks of the current call that nobody has taken yet; -1 tells the threads to end. */
  remaining: 0,
  /** Chunks of the current call that are finished. */
  finished: 16,
  /** Threads that are asleep, or about to be. */
  asleep: 32,
  /** Whether the calling thread sleeps until the call is finished. */
  callerAsleep: 33,
  /** Whether a kernel failed. */
  failed: 34,
  /** The current call: number of the kernel, chunks, units of work, address of the arguments. */
  kernel: 48,
  chunks: 49,
  units: 50,
  block: 51,
} as const;

/** Runs until the pool tells it to end. */
export function serveKernels({ module, memory, scratch, control, word, names, spins }: ThreadData): void {
  type Kernel = (start: number, end: number, block: number) => void;
  const { exports } = new WebAssembly.Instance(module, { env: { memory, scratch } });
  const kernels = names.map((name) => exports[name] as Kernel);
  const words = new Int32Array(memory.buffer, control, 64);
  const pause = (Atomics as { pause?: () => void }).pause ?? ((): void => {});

  for (;;) {
    let remaining = Atomics.load(words, word.remaining);
    for (let spin = 0; remaining === 0 && spin < spins; spin++) {
      pause();
      remaining = Atomics.load(words, word.remaining);
    }
    if (remaining === 0) {
      Atomics.add(words, word.asleep, 1);
      Atomics.wait(words, word.remaining, 0);
      Atomics.sub(words, word.asleep, 1);
      continue;
    }
    if (remaining < 0) return;
    if (Atomics.compareExchange(words, word.remaining, remaining, remaining - 1) !== remaining) continue;
    // From here until the chunk is finished, the current call cannot change.
    const chunks = words[word.chunks], units = words[word.units], chunk = remaining - 1;
    try {
      const start = Math.floor(units * chunk / chunks), end = Math.floor(units * (chunk + 1) / chunks);
      kernels[words[word.kernel]](start, end, words[word.block]);
    } catch {
      Atomics.store(words, word.failed, 1);
    }
    const finished = Atomics.add(words, word.finished, 1) + 1;
    if (finished === chunks && Atomics.load(words, word.callerAsleep) === 1) Atomics.notify(words, word.finished);
  }
}
