/**
 * Ctrl-C: tells the work to stop, and does not wait for long.
 */
import { InterruptedError } from "./errors.ts";
import type { CliIo } from "./io.ts";

/** Milliseconds that stopped work has for tidying up, unless more are given. */
const GRACE = 2000;

/**
 * Runs `work` until it ends or Ctrl-C is pressed.
 *
 * @param work gets a signal that is aborted at Ctrl-C
 * @param options the streams; `message`, which says what was stopped and what is left of it; and `grace`, milliseconds for tidying up
 * @throws {InterruptedError} after Ctrl-C
 */
export async function untilInterrupted<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { io, message, grace = GRACE }: { io: CliIo; message: string; grace?: number },
): Promise<T> {
  const controller = new AbortController();
  const stopped = Promise.withResolvers<never>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stopListening = io.onInterrupt(() => {
    if (controller.signal.aborted) return;
    controller.abort(new InterruptedError(message));
    timer = setTimeout(() => stopped.reject(controller.signal.reason), grace);
  });
  try {
    return await Promise.race([work(controller.signal), stopped.promise]);
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}
