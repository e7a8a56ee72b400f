/**
 * The error of a command line that asks for something it cannot get: the command ends with exit code 2 and a hint to its help.
 */

/** A command line that cannot be understood: an unknown option, a missing value, a number out of range. The message names it. */
export class UsageError extends Error {
  /** Takes what was given and what was wanted. */
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

/** Work that was stopped by Ctrl-C: the command ends with exit code 130. */
export class InterruptedError extends Error {
  /** Takes what was stopped and what is left of it. */
  constructor(message: string) {
    super(message);
    this.name = "InterruptedError";
  }
}
