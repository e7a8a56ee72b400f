/** A browser for the tests of pages: Debian's Chromium, or the one that the environment variable CHROMIUM names. */
import type { Browser, Page } from "npm:playwright-core@1.65.1";

const PATHS = [Deno.env.get("CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser"];

/** Where the browser is, if there is one. */
export const CHROMIUM: string | undefined = PATHS.find((path) => {
  try {
    return path !== undefined && Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

/** Milliseconds that the browser has for whatever it is asked: on a machine with much else to do it is slow. */
const PATIENCE = 120_000;

/** A page, and what it complained about. */
export interface OpenPage {
  page: Page;
  /** Errors and warnings on its console, and requests that it made. */
  complaints: string[];
}

/** How a page is looked at. */
export interface Look {
  dark?: boolean;
  phone?: boolean;
}

/** Calls `test` with a function that opens pages in a browser of its own; every page has to have been without complaints. */
export async function withBrowser(
  test: (open: (url: string, look?: Look) => Promise<OpenPage>) => Promise<void>,
): Promise<void> {
  const { chromium } = await import("npm:playwright-core@1.65.1");
  const browser: Browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox"],
    timeout: PATIENCE,
  });
  const all: string[] = [];
  try {
    await test(async (url, { dark = false, phone = false } = {}) => {
      const context = await browser.newContext({
        viewport: phone ? { width: 390, height: 844 } : { width: 860, height: 640 },
        colorScheme: dark ? "dark" : "light",
        hasTouch: phone,
      });
      context.setDefaultTimeout(PATIENCE);
      const page = await context.newPage();
      const complaints: string[] = [];
      const complain = (text: string): void => {
        complaints.push(text);
        all.push(`${url}: ${text}`);
      };
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complain(message.text());
      });
      page.on("pageerror", (error) => complain(error.message));
      await page.goto(url);
      return { page, complaints };
    });
  } finally {
    await browser.close();
  }
  if (all.length > 0) throw new Error(all.join("\n"));
}
