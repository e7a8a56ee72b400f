/**
 * Ctrl-C: tells the work to stop, and does not wait for long.
 */
import { InterruptedError } from "./errors.ts";
import type { CliIo } from "./io.ts";

/** Milliseconds that stopped work has for tidying up. */
const GRACE = 2000;

/**
 * Runs `work` until it ends or Ctrl-C is pressed.
 *
 * @param work gets a signal that is aborted at Ctrl-C
 * @param options the streams, and `message`, which says what was stopped and what is left of it
 * @throws {InterruptedError} after Ctrl-C
 */
export async function untilInterrupted<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { io, message }: { io: CliIo; message: string },
): Promise<T> {
  const controller = new AbortController();
  const stopped = Promise.withResolvers<never>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stopListening = io.onInterrupt(() => {
    if (controller.signal.aborted) return;
    controller.abort(new InterruptedError(message));
    timer = setTimeout(() => stopped.reject(controller.signal.reason), GRACE);
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
