/**
 * What is wrong with a request, as RFC 9457 ("Problem Details for HTTP APIs") writes it.
 *
 * @module
 */

/** Titles by status. */
const TITLES: Record<number, string> = {
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
};

/** A request that cannot be answered; the message says what was found and what was wanted. */
export class Problem extends Error {
  /** Name of the class. */
  override name = "Problem";

  /**
   * Makes the error.
   *
   * @param status of HTTP
   * @param message what was found and what was wanted
   * @param options where in a JSON body (a JSON pointer, RFC 6901), and headers of the response
   */
  constructor(
    readonly status: number,
    message: string,
    readonly options: { pointer?: string; headers?: Record<string, string> } = {},
  ) {
    super(message);
  }

  /** The response: `application/problem+json` with `title`, `status`, `detail` and, where it is known, `pointer`. */
  response(): Response {
    const { pointer, headers } = this.options;
    const body = { title: TITLES[this.status], status: this.status, detail: this.message, pointer };
    return new Response(JSON.stringify(body), {
      status: this.status,
      headers: { "content-type": "application/problem+json", "cache-control": "no-store", ...headers },
    });
  }
}
