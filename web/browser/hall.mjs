// Waiting rooms for tests: each test has one of its own, with its devices.
import { test as base } from "./desk.mjs";

export { expect, look, phone, wide } from "./desk.mjs";

/** A kiosk stands upright; some towns hang up a tablet. */
export const upright = { width: 1080, height: 1920 };
export const tablet = { width: 1280, height: 800 };
export const wall = { width: 1920, height: 1080 };

let rooms = 0;

export const test = base.extend({
  // Who sits at its counters leaves them once no page is open any more: each page
  // would go elsewhere, and a browser that is closed in that moment may hang.
  hall: async ({ town }, use, info) => {
    const hall = await town.room(`sala-${info.workerIndex}-${++rooms}`);
    await use(hall);
    await town.stand(hall);
  },

  desk: async ({ hall, desk }, use) => use(desk), // after hall, so that pages are closed before it ends

  /** room is new; room.open(kind, size) is one of its devices, with a page. */
  room: async ({ hall: room, desk }, use) => {
    room.open = async (kind, size, { clock = false, ...more } = {}) => {
      const page = await desk(null, { size, ...more });
      if (clock) await page.clock.install();
      await page.goto(room[kind]);
      return page;
    };
    await use(room);
  },
});

/** Somebody sits down at a counter: the page of the counter. */
export async function sit(desk, login, counter, options = {}) {
  const page = await desk(login, options);
  await page.goto("/counter");
  await page.locator(`form[action="/counter/${counter}/open"] button`).click();
  await page.waitForURL(new RegExp(`/counter/${counter}$`));
  return page;
}

/** Presses a key once the page has its scripts: faster than that nobody types. */
export async function press(page, key) {
  await page.waitForLoadState("load");
  await page.keyboard.press(key);
}

/** Takes a number at a kiosk: the first service of a group. Gives the number as it is shown. */
export async function take(kiosk, group = "Tributi") {
  await kiosk.getByRole("button", { name: group }).click();
  await kiosk.getByRole("button", { name: "Prendo il numero" }).click();
  const shown = kiosk.locator(".k-no");
  await shown.waitFor();
  const label = await shown.textContent();
  await kiosk.getByRole("button", { name: "Ho finito" }).click();
  return label.replace(/\s/g, "");
}
