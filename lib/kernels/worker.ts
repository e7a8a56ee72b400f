/**
 * What a kernel thread does: takes chunks of the current kernel call until none are left, and sleeps until there are more.
 *
 * {@linkcode serveKernels} is started from its own source text (see `threads.ts`), so it must not refer to anything outside itself.
 *
 * @module
 */

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
  /** Chunks of the current call that nobody has taken yet; −1 tells the threads to end. */
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
