// Drives the page of the example `dashboard` in two windows: samples arrive and are drawn, what is pressed in one is seen in
// both, a lost connection comes back.

import { LIMIT, run, shows } from "./browser.mjs";

/** A name that breaks JSON or HTML which is not escaped. */
const NAME = 'pump 7 <b>"ß"</b> \\';
/** Pixels in a sensor's color: less is no line. */
const LINE = 50;

/** Waits until `look`, which is called in the page with `value`, is content. */
async function until(page, what, look, value) {
  try {
    await page.waitForFunction(look, value, { timeout: LIMIT });
  } catch {
    throw new Error(`the page never had ${what}; it shows:\n${await page.innerText("body")}`);
  }
  console.log(`the page has ${what}`);
}

const samplesOf = async (page) => Number(await page.getAttribute("#chart", "data-samples"));

async function receives(page, more) {
  const least = (await samplesOf(page)) + more;
  await until(page, `${more} more samples`, (least) => document.querySelector("#chart").dataset.samples >= least, least);
}

/** Waits until the chart has a line in the color of each sensor, and then until its picture is another. */
async function plots(page) {
  for (const sensor of ["temperature", "humidity", "vibration"]) {
    await until(page, `a line for ${sensor}`, ({ sensor, LINE }) => {
      const canvas = document.querySelector("#chart");
      const [red, green, blue] = getComputedStyle(document.querySelector(`[data-sensor=${sensor}]`)).color.match(/\d+/g);
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let pixels = 0;
      for (let i = 0; i < data.length; i += 4) {
        if (data[i] == red && data[i + 1] == green && data[i + 2] == blue && data[i + 3] === 255) pixels += 1;
      }
      return pixels >= LINE;
    }, { sensor, LINE });
  }
  const picture = await page.evaluate(() => document.querySelector("#chart").toDataURL());
  await receives(page, 5);
  await until(page, "another chart than before", (old) => document.querySelector("#chart").toDataURL() !== old, picture);
}

/** Sets the rate, which both pages must show, and at which samples must then arrive. */
async function setRate(page, pages, rate) {
  await page.fill("#rate", String(rate));
  for (const each of pages) {
    await shows(each, "rate-state", String(rate));
    await until(each, `its slider at ${rate}`, (rate) => document.querySelector("#rate").value === String(rate), rate);
    await until(each, `about ${rate} samples per second`, (rate) => {
      return Math.abs(document.querySelector("#message-rate").textContent / rate - 1) < 0.3;
    }, rate);
  }
}

await run(async ({ open, picture }) => {
  const pages = [await open(), await open()];
  const [first, second] = pages;
  for (const page of pages) {
    await shows(page, "status", "open");
    await shows(page, "viewers", "2");
    await shows(page, "led-state", "off");
    await receives(page, 20);
    await plots(page);
  }

  for (const [page, state] of [[first, "on"], [second, "off"], [second, "on"]]) {
    await page.click("#led");
    for (const each of pages) {
      await shows(each, "led-state", state);
      await each.locator(`#led[aria-pressed=${state === "on"}]`).waitFor();
    }
  }
  await setRate(first, pages, 5);
  await setRate(second, pages, 20);
  await first.fill("#name", NAME);
  await first.click("#rename");
  for (const page of pages) await shows(page, "title", NAME);
  await second.click("#reset");
  for (const page of pages) {
    await receives(page, 20);
    await plots(page);
    await until(page, "no complaint", () => document.querySelector("#error").textContent === "");
  }
  await picture(first);

  // No control sends a command that the server does not know.
  await first.evaluate(() => command("fly", 1));
  await until(first, "the server's complaint", () => /^The server says: ./.test(document.querySelector("#error").textContent));

  // Nor does one end a connection. The page is not told that this one was ended on purpose.
  await first.evaluate(() => socket.close());
  await shows(first, "reconnections", "1");
  await shows(first, "status", "open");
  await shows(first, "led-state", "on");
  await receives(first, 20);

  await second.close();
  await shows(first, "viewers", "1");
});
