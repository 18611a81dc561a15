// What every test of the town has: the town itself, and people at their desks.
import { test as base, expect, request } from "@playwright/test";

import { findings } from "./axe.mjs";
import { startTown } from "./town.mjs";

export { expect } from "@playwright/test";

export const wide = { width: 1440, height: 900 };
export const phone = { width: 390, height: 844 };

export const test = base.extend({
  town: [async ({}, use) => {
    const town = await startTown();
    await use(town);
    await town.stop();
  }, { scope: "worker", timeout: 120_000 }],

  // sessions are opened once for each login: checking a password takes its time
  sessions: [async ({}, use) => use(new Map()), { scope: "worker" }],

  /**
   * desk(login, options) opens a browser with a page of its own, logged in. No
   * login means a stranger. A test in which a page says something on its
   * console fails, but for what options.allow (a RegExp) expects.
   */
  desk: async ({ browser, town, sessions }, use) => {
    const contexts = [];
    const faults = [];
    await use(async (login, { size = wide, allow = null, ...options } = {}) => {
      if (login && !sessions.has(login)) sessions.set(login, await session(town, login));
      const context = await browser.newContext({
        baseURL: town.url, viewport: size, locale: "it-IT", timezoneId: "Europe/Rome", reducedMotion: "reduce",
        storageState: login ? sessions.get(login) : undefined, ...options,
      });
      contexts.push(context);
      const page = await context.newPage();
      watch(page, faults, allow);
      return page;
    });
    for (const context of contexts) await context.close();
    expect(faults, "what pages said on the console").toEqual([]);
  },
});

async function session(town, login) {
  const api = await request.newContext({ baseURL: town.url });
  const answer = await api.post("/login", { form: { user: login, password: town.password }, maxRedirects: 0 });
  expect(answer.status(), `${login} logs in`).toBe(303);
  const state = await api.storageState();
  await api.dispose();
  return state;
}

function watch(page, faults, allow) {
  const note = (text) => {
    if (allow?.test(text)) return;
    faults.push(`${new URL(page.url()).pathname}: ${text}`);
  };
  page.on("console", (m) => { if (m.type() === "error" || m.type() === "warning") note(`${m.text()} ${m.location().url}`); });
  page.on("pageerror", (e) => note(e.message));
}

/**
 * Looks at a page as it stands: no findings of axe, nothing wider than the
 * window. All that is wrong is told; the test goes on.
 */
export async function look(page, what) {
  expect.soft(await findings(page), `axe: ${what}`).toEqual([]);
  const over = await page.evaluate(() => Math.max(document.documentElement.scrollWidth, document.querySelector(".page")?.scrollWidth ?? 0) - innerWidth);
  expect.soft(over, `${what}: pixels wider than the window`).toBeLessThanOrEqual(1);
}

/** Opens an address and waits until the page hears of what happens. */
export async function openLive(page, address) {
  const hears = page.waitForResponse((r) => r.url().endsWith("/live"));
  await page.goto(address);
  await hears;
}

/** Opens the case whose row holds some words, which may still be on its way. */
export async function openCase(page, words, view = "office") {
  await page.goto(`/cases?view=${view}`);
  const wanted = row(page, words).first();
  await expect(async () => {
    if (await page.locator("#arrivals").isVisible()) await page.locator("#arrivals").click();
    await expect(wanted).toBeVisible({ timeout: 1000 });
  }).toPass();
  await wanted.locator("a.case").click();
  await settled(page);
  await expect(page.locator("#work")).toHaveAttribute("data-number", await wanted.getAttribute("data-number"));
  return number(page);
}

/** Waits until htmx has done what it does to the page: faster than any person types. */
export async function settled(page) {
  await expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).toHaveCount(0);
}

/** The rows of the list that name somebody. */
export const row = (page, who) => page.locator("#rows .row").filter({ hasText: who.name ?? who });

/** The number of the case that is open. */
export const number = (page) => page.locator("#work").getAttribute("data-number");

/**
 * Writes into the composer and sends. News of what was just done may be on the page
 * before the answer to it, which brings a composer of its own: that is awaited.
 */
export async function send(page, text) {
  await settled(page);
  await page.locator("#text").fill(text);
  await page.locator("#composer .tools button.send").click();
}

/** The entry of the timeline that holds a text. */
export const entry = (page, text) => page.locator("#timeline > li").filter({ hasText: text });
