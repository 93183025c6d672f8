// What the scripts that drive a page share: the browser, the wait for what a page shows, and what counts as a failure.
//
// Each is run as `SCRIPT HOST:PORT CHROMIUM SCREENSHOT`. It uses the page's own controls and looks only at what the page shows,
// except where it says why. An error in a page's console or a request to another host fails the test. Prints a line for each
// thing that went well; exits with 1 at the first that did not.

import process from "node:process";
import { chromium } from "playwright-core";

export const LIMIT = 15_000; // milliseconds for any single wait

const [, , address, executablePath, screenshot] = process.argv;
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What went wrong in the pages beyond what they show. */
const complaints = [];

/** Calls `drive` with the server's address, with what opens a page at `/`, and with what takes the screenshot of a page. */
export async function run(drive) {
  // Its profile is a new folder, which it removes; it ends when this process does.
  const browser = await chromium.launch({ executablePath, headless: true, args: FLAGS, timeout: 60_000 });
  const pages = [];
  const open = async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(LIMIT);
    watch(page);
    pages.push(page);
    await page.goto(`http://${address}/`, { timeout: LIMIT });
    return page;
  };
  const picture = (page) => page.screenshot({ path: screenshot });
  try {
    await drive({ address, open, picture }).catch((error) => complaints.unshift(error.message));
    if (complaints.length > 0 && pages.length > 0) await picture(pages[0]);
  } finally {
    await browser.close();
  }
  for (const complaint of complaints) console.error(complaint);
  process.exitCode = complaints.length > 0 ? 1 : 0;
}

/** Waits until the element with this id shows exactly `text`. */
export async function shows(page, id, text) {
  const element = page.locator(`#${id}`);
  const exactly = new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
  try {
    await page.locator(`#${id}`, { hasText: exactly }).waitFor({ timeout: LIMIT });
  } catch {
    throw new Error(`#${id} shows "${await element.textContent()}", not "${text}"`);
  }
  console.log(`#${id} shows: ${text}`);
}

/** Collects requests to other hosts and errors in the console. */
function watch(page) {
  const check = (url) => {
    if (!["data:", "blob:"].includes(new URL(url).protocol) && new URL(url).host !== address) {
      complaints.push(`a request to another host: ${url}`);
    }
  };
  page.on("request", (request) => check(request.url()));
  page.on("websocket", (socket) => check(socket.url()));
  page.on("pageerror", (error) => complaints.push(`an error in the page: ${error}`));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`an error in the console: ${message.text()}`);
  });
}
