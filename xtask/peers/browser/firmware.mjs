// Drives the page of the device: samples arrive and are drawn, what is pressed is answered by the device, a lost connection comes back.

import { LIMIT, run, shows } from "./browser.mjs";

/** Pixels that are neither empty nor grey: less is no line. */
const LINE = 100;

async function until(page, what, look, value) {
  try {
    await page.waitForFunction(look, value, { timeout: LIMIT });
  } catch {
    throw new Error(`the page never had ${what}; it shows:\n${await page.innerText("body")}`);
  }
  console.log(`the page has ${what}`);
}

async function receives(page, more) {
  const least = Number(await page.getAttribute("#chart", "data-samples")) + more;
  await until(page, `${more} more samples`, (least) => document.querySelector("#chart").dataset.samples >= least, least);
}

await run(async ({ open, picture }) => {
  const page = await open();
  await shows(page, "status", "open");
  await receives(page, 20);
  await until(page, "lines", (LINE) => {
    const canvas = document.querySelector("#chart");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let colored = 0;
    for (let i = 0; i < data.length; i += 4) {
      const [least, most] = [Math.min(data[i], data[i + 1], data[i + 2]), Math.max(data[i], data[i + 1], data[i + 2])];
      if (data[i + 3] > 200 && most - least > 60) colored += 1;
    }
    return colored >= LINE;
  }, LINE);
  const before = await page.evaluate(() => document.querySelector("#chart").toDataURL());
  await receives(page, 5);
  await until(page, "another chart than before", (old) => document.querySelector("#chart").toDataURL() !== old, before);

  const second = await open();
  for (const each of [page, second]) await shows(each, "viewers", "2");
  await page.click("#led");
  for (const each of [page, second]) await each.locator("#led[aria-pressed=true]").waitFor();
  await second.fill("#name", "pump 7");
  await second.click("#rename");
  for (const each of [page, second]) await shows(each, "title", "pump 7");
  await page.fill("#rate", "25");
  for (const each of [page, second]) await shows(each, "rate-state", "25");
  await receives(page, 25);
  await picture(page);

  await page.evaluate(() => command("fly"));
  await shows(page, "error", "The device says: a command is led, rate or name, and its value");
  await page.evaluate(() => socket.close());
  await shows(page, "status", "waiting");
  await shows(page, "status", "open");
  await receives(page, 5);
  await second.close();
  await shows(page, "viewers", "1");
});
