// Drives the example server's page in a headless browser: `drive.mjs HOST:PORT CHROMIUM SCREENSHOT`.
//
// It uses the page's own controls and looks only at what the page shows. An error in the page's console or a request
// to another host fails the test. Prints a line for each thing that went well; exits with 1 at the first that did not.

import process from "node:process";
import { chromium } from "playwright-core";

const [, , address, executablePath, screenshot] = process.argv;
const LIMIT = 15_000; // milliseconds for any single wait
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What went wrong in the page beyond what it shows. */
const complaints = [];

/** Waits until the element with this id shows exactly `text`. */
async function shows(page, id, text) {
  const element = page.locator(`#${id}`);
  const exactly = new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
  try {
    await page.locator(`#${id}`, { hasText: exactly }).waitFor({ timeout: LIMIT });
  } catch {
    throw new Error(`#${id} shows "${await element.textContent()}", not "${text}"`);
  }
  console.log(`#${id} shows: ${text}`);
}

/** Waits until the page's log has an entry for a message, which an incoming one must call the same as what was sent. */
async function logs(page, direction, kind, size) {
  const attributes = `[data-direction="${direction}"][data-kind="${kind}"][data-size="${size}"]`;
  const entry = page.locator(`#log .entry${attributes}`, { hasText: direction === "in" ? "same as sent" : kind });
  try {
    await entry.first().waitFor({ state: "attached", timeout: LIMIT });
  } catch {
    const entries = await page.locator("#log .entry").allTextContents();
    throw new Error(`the log has no entry ${attributes}; it has:\n  ${entries.join("\n  ")}`);
  }
  console.log(`the log has: ${(await entry.first().textContent()).trim().slice(0, 100)}`);
}

async function echoText(page, text) {
  await page.fill("#text", text);
  await page.click("#send-text");
  await logs(page, "out", "text", Buffer.byteLength(text));
  await logs(page, "in", "text", Buffer.byteLength(text));
}

async function echoBinary(page, size) {
  await page.fill("#binary-size", String(size));
  await page.click("#send-binary");
  await logs(page, "out", "binary", size);
  await logs(page, "in", "binary", size);
}

/** Times an echo; the chart must then have `points` points. */
async function ping(page, points) {
  await page.click("#ping");
  const chart = page.locator(`#latency[data-points="${points}"]`);
  try {
    await chart.waitFor({ timeout: LIMIT });
  } catch {
    throw new Error(`the chart has ${await page.getAttribute("#latency", "data-points")} points, not ${points}`);
  }
  console.log(`the chart has ${points} points`);
}

async function drive(page) {
  await page.goto(`http://${address}/`, { timeout: LIMIT });
  await shows(page, "status", "closed");
  const url = await page.inputValue("#url");
  if (url !== `ws://${address}/chat`) throw new Error(`the page proposes the address ${url}`);

  await page.fill("#protocol", "echo.v1");
  await page.click("#connect");
  await shows(page, "status", "open");
  for (const text of ["hello", "", "Grüße, κόσμε 😀", "x".repeat(70_000)]) await echoText(page, text);
  for (const size of [0, 125, 126, 65535, 65536, 1048576]) await echoBinary(page, size);
  for (const points of [1, 2, 3, 4, 5]) await ping(page, points);

  await page.fill("#close-code", "4002");
  await page.fill("#close-reason", "test over");
  await page.click("#close");
  await shows(page, "status", "closed");
  await shows(page, "close-result", "4002 test over (clean)");
  await page.screenshot({ path: screenshot });

  await page.fill("#url", `ws://${address}/close?code=4003&reason=the%20server%20goes`);
  await page.fill("#protocol", "");
  await page.click("#connect");
  await shows(page, "close-result", "4003 the server goes (clean)");
  await shows(page, "status", "closed");
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

// Its profile is a new folder, which it removes; it ends when this process does.
const browser = await chromium.launch({ executablePath, headless: true, args: FLAGS, timeout: 60_000 });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(LIMIT);
  watch(page);
  await drive(page).catch((error) => complaints.unshift(error.message));
  if (complaints.length > 0) await page.screenshot({ path: screenshot });
} finally {
  await browser.close();
}
for (const complaint of complaints) console.error(complaint);
process.exitCode = complaints.length > 0 ? 1 : 0;
