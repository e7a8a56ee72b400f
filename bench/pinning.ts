/**
 * Threads on processors of their own. The kernel sometimes leaves two busy threads on one processor while the other idles, which makes two threads
 * look as slow as one, and one processor may have more to do for others than the next. Where `taskset` is at hand, the threads that compute are bound
 * to a processor each while they are timed.
 *
 * @module
 */

const taskFolder = "/proc/self/task";

/** Binds the busiest threads of this process to processors. */
export class Pinning {
  #bound: number[] = [];

  private constructor(readonly processors: readonly number[]) {}

  /** A pinning, or null where threads cannot be bound: no Linux, no `taskset`, or one processor only. */
  static async open(): Promise<Pinning | null> {
    try {
      const status = await Deno.readTextFile("/proc/self/status");
      const processors = parseProcessorList(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? "");
      const { success } = await new Deno.Command("taskset", { args: ["--version"], stdout: "null" }).output();
      return success && processors.length > 1 ? new Pinning(processors) : null;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  }

  /** Binds the main thread to the first processor, so that everything that runs on one thread runs on the same one. */
  async bindMain(): Promise<void> {
    this.#bound = [Deno.pid];
    await setProcessors(Deno.pid, this.processors.slice(0, 1));
  }

  /** Runs `work`, and binds each of the `count` threads that computed most meanwhile to a processor of its own. */
  async bindBusiest(count: number, work: () => Promise<unknown>): Promise<void> {
    const before = await processorTimes();
    await work();
    const used = [...await processorTimes()].map(([thread, time]) => [thread, time - (before.get(thread) ?? 0)]);
    used.sort(([, a], [, b]) => b - a);
    this.#bound = used.slice(0, Math.min(count, this.processors.length)).map(([thread]) => thread);
    for (const [index, thread] of this.#bound.entries()) await setProcessors(thread, [this.processors[index]]);
  }

  /** Lets the threads that were bound run anywhere again. */
  async release(): Promise<void> {
    for (const thread of this.#bound) await setProcessors(thread, this.processors);
    this.#bound = [];
  }
}

/** The numbers in a list such as `0-2,5`. */
export function parseProcessorList(list: string): number[] {
  return list.split(",").filter((part) => part !== "").flatMap((part) => {
    const [first, last = first] = part.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

async function setProcessors(thread: number, processors: readonly number[]): Promise<void> {
  const args = ["-c", "-p", processors.join(","), String(thread)];
  const { success, stderr } = await new Deno.Command("taskset", { args, stdout: "null", stderr: "piped" }).output();
  if (!success) throw new Error(`taskset ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
}

/**
 * Processor time that the threads that run JavaScript have used, in ticks: the main thread and workers, not the engine's and the runtime's helpers
 * (proc_pid_stat(5): the name stands in parentheses; utime and stime are the twelfth and thirteenth fields after it).
 */
async function processorTimes(): Promise<Map<number, number>> {
  const times = new Map<number, number>();
  for await (const { name } of Deno.readDir(taskFolder)) {
    try {
      const [, title, fields] = /\((.*)\) (.*)/.exec(await Deno.readTextFile(`${taskFolder}/${name}/stat`))!;
      if (Number(name) !== Deno.pid && !title.startsWith("worker-")) continue;
      const [user, system] = fields.split(" ").slice(11, 13).map(Number);
      times.set(Number(name), user + system);
    } catch (error) {
      // The thread has ended since the folder was read.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return times;
}
