// Pictures of every page, from the demo's town, into docs/screens:
//
//	npm run screens
//
// The names stay the same from one time to the next; each picture is one window
// at 1440 x 900 (name-1440.png) and on a phone at 390 x 844 (name-390.png).
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";

import { expect, phone, test as base, wide } from "./desk.mjs";
import { shrink } from "./png.mjs";
import { root, startTown } from "./town.mjs";

const folder = process.env.SCREENS ?? `${root}docs/screens`;
const largest = 150_000; // bytes a picture
const altogether = 6_000_000;

const test = base.extend({
  // TOWN_URL is a demo that runs already
  town: [process.env.TOWN_URL ? async ({}, use) => use({ url: process.env.TOWN_URL, password: "pontelieto" }) : async ({}, use) => {
    const town = await startTown("-demo"); // tells six months before it listens
    await use(town);
    await town.stop();
  }, { scope: "worker", timeout: 300_000 }],
});

const office = "/cases?view=office";

/** The address of the first link on a page that matches. */
async function link(page, path, selector) {
  await page.goto(path);
  return page.locator(selector).first().getAttribute("href");
}

/**
 * What is shown: name, who looks (null for a citizen), where, and what is done
 * there before the picture. only names the one size that makes sense.
 */
const pages = [
  { name: "login", at: "/login" },
  { name: "list", by: "giulia", at: office },
  { name: "inbox", by: "giulia", at: conversation },
  { name: "views", by: "giulia", at: `${office}&pane=views`, only: phone },
  { name: "person-pane", by: "giulia", at: async (page) => `${await conversation(page)}&pane=person`, only: phone },
  { name: "note", by: "giulia", at: async (page) => `${await conversation(page)}&compose=note` },
  { name: "due", by: "paolo", at: "/cases?view=overdue" },
  { name: "certified", by: "giulia", at: (page) => link(page, "/search?q=canale%3Apec", "#content a[href*='case=']") },
  { name: "copied", by: "giulia", at: (page) => link(page, "/cases?view=copied", "#rows a.case") },
  { name: "failed", by: "giulia", at: (page) => link(page, "/cases?view=failed", "#rows a.case") },
  { name: "closed", by: "giulia", at: (page) => link(page, "/cases?view=closed", "#rows a.case") },
  { name: "palette", by: "giulia", at: office, then: async (page) => {
    await page.keyboard.press("Control+k");
    await page.keyboard.type("tar");
    await expect(page.locator("#palette [role=option]:visible").first()).toBeVisible();
  } },
  { name: "search", by: "giulia", at: "/search?q=carta+identità" },
  { name: "person", by: "giulia", at: async (page) => link(page, await conversation(page), "#person-pane .person-head a.btn") },
  { name: "people", by: "giulia", at: "/people" },
  { name: "reception", by: "nadia", at: "/reception" },
  { name: "phone-note", by: "nadia", at: "/reception?how=phone" },
  { name: "counter", by: "davide", at: "/counter" },
  { name: "room", by: "davide", at: "/queue" },
  { name: "kiosk", at: (_, __, town) => device(town, "/kiosk/") },
  { name: "display", at: (_, __, town) => device(town, "/display/"), only: wide },
  { name: "estimates", by: "paolo", at: (page) => link(page, "/queue", "#content a[href$='/estimates']") },
  { name: "agenda", by: "giulia", at: "/agenda" },
  { name: "agenda-week", by: "giulia", at: (page) => link(page, "/agenda", ".seg a[href*='view=week']") },
  { name: "reports", by: "paolo", at: "/reports" },
  { name: "whatif", by: "paolo", at: "/reports/whatif?play=1&rule=first_come" },
  { name: "quarantine", by: "giulia", at: "/quarantine" },
  { name: "quarantine-item", by: "giulia", at: (page) => link(page, "/quarantine", "#content a[href^='/quarantine/']") },
  { name: "quarantine-decided", by: "giulia", at: "/quarantine?decided=1" },
  { name: "register", by: "giulia", at: "/register" },
  { name: "register-entry", by: "giulia", at: (page) => link(page, "/register", "#content a[href^='/register/']:not([href$=due]):not([href$=days])") },
  { name: "register-due", by: "giulia", at: "/register/due" },
  { name: "register-days", by: "giulia", at: "/register/days" },
  { name: "channels", by: "fabio", at: "/channels" },
  { name: "reconcile", by: "fabio", at: (page) => link(page, "/channels", "#content a[href$='/reconcile']") },
  { name: "channel", by: "fabio", at: (page) => link(page, "/channels", ".channel:has-text('Posta') a[href^='/channels/']") },
  { name: "channel-new", by: "fabio", at: "/channels/new?kind=mail" },
  { name: "offices", by: "fabio", at: "/admin/offices" },
  { name: "office", by: "fabio", at: (page) => link(page, "/admin/offices", "#content a[href^='/admin/offices/']:not([href$=new])") },
  { name: "operators", by: "fabio", at: "/admin/operators" },
  { name: "operator", by: "fabio", at: (page) => link(page, "/admin/operators", "#content a[href^='/admin/operators/']:not([href$=new])") },
  { name: "rules", by: "paolo", at: "/admin/rules" },
  { name: "rule", by: "paolo", at: rule },
  { name: "rule-tried", by: "paolo", at: rule, then: async (page) => {
    await page.getByRole("button", { name: "Che cosa avrebbe fatto" }).click();
    await expect(page.locator("#trial")).not.toBeEmpty();
  } },
  { name: "texts", by: "paolo", at: "/admin/texts" },
  { name: "text", by: "paolo", at: "/admin/texts/receipt/mail/it" },
  { name: "queue", by: "fabio", at: "/admin/queue" },
  { name: "queue-site", by: "fabio", at: (page) => link(page, "/admin/queue", "#content a[href^='/admin/queue/']:not([href$=new])") },
  { name: "tokens", by: "fabio", at: "/admin/tokens" },
  { name: "events", by: "paolo", at: "/admin/events" },
  { name: "help", by: "giulia", at: "/help" },
  { name: "citizen", at: "/p/case" },
  { name: "citizen-case", at: statusPage },
  { name: "citizen-book", at: "/p/book" },
  { name: "citizen-privacy", at: "/p/privacy" },
];

/** A page of the room, as the demo's page of things to try leads to it. */
async function device(town, path) {
  const html = await (await fetch(town.citizens)).text();
  return new RegExp(`href="([^"]*${path}[^"]*)"`).exec(html)[1].replaceAll("&amp;", "&");
}

/** The rule about complaints, which says most in few lines. */
function rule(page) {
  return link(page, "/admin/rules", ".rules li:has-text('Reclami') a[href^='/admin/rules/']");
}

/** The address of the case with the longest story on the first page of the list. It is read without being opened, which would mark it as read. */
let longest = null;
async function conversation(page) {
  if (longest) return longest;
  await page.goto(office);
  const rows = await page.locator("#rows a.case").evaluateAll((all) => all.slice(0, 8).map((a) => a.getAttribute("href")));
  let most = 0;
  for (const address of rows) {
    const entries = (await (await page.request.get(address)).text()).match(/<li id="e-/g)?.length ?? 0;
    if (entries > most) [most, longest] = [entries, address];
  }
  return longest;
}

/** The page of that case for its citizen, with the link that the receipt has. */
async function statusPage(_, desk) {
  const giulia = await desk("giulia", { allow: /./ });
  return link(giulia, await conversation(giulia), 'a[href^="/p/case?"]');
}

for (const { name, by = null, at, then, only } of pages) {
  test(name, async ({ desk, town }) => {
    for (const size of [wide, phone].filter((s) => !only || s === only)) {
      const page = await desk(by, { size, allow: /./ });
      const address = typeof at === "string" ? at : await at(page, desk, town);
      await page.goto(address);
      await then?.(page);
      await page.evaluate(() => document.fonts.ready);
      const file = shrink(await page.screenshot({ animations: "disabled" }));
      expect(file.length, `bytes of ${name}`).toBeLessThan(largest);
      writeFileSync(`${folder}/${name}-${size.width}.png`, file);
    }
  });
}

test.beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  const known = pages.flatMap(({ name, only }) => [wide, phone].filter((s) => !only || s === only).map((s) => `${name}-${s.width}.png`));
  for (const file of readdirSync(folder)) if (file.endsWith(".png") && !known.includes(file)) rmSync(`${folder}/${file}`);
});

test.afterAll(() => {
  const sum = readdirSync(folder).reduce((n, file) => n + statSync(`${folder}/${file}`).size, 0);
  expect(sum, "bytes of all pictures").toBeLessThan(altogether);
});
