// Drives the page of the example `server`: echoes of every kind and size, the chart of latencies, both ways to close.

import { LIMIT, run, shows } from "./browser.mjs";

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

await run(async ({ address, open, picture }) => {
  const page = await open();
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
  await picture(page);

  await page.fill("#url", `ws://${address}/close?code=4003&reason=the%20server%20goes`);
  await page.fill("#protocol", "");
  await page.click("#connect");
  await shows(page, "close-result", "4003 the server goes (clean)");
  await shows(page, "status", "closed");
});
