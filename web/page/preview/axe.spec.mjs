// Every sample page, in both languages and two widths: no findings of axe, no
// message on the console, nothing wider than the window.
import { expect, test } from "@playwright/test";

import { findings } from "../../browser/axe.mjs";

const sizes = [
  { width: 1440, height: 900, lang: "it" },
  { width: 390, height: 844, lang: "en" },
];

for (const { width, height, lang } of sizes) {
  test(`pages at ${width} in ${lang}`, async ({ page, request }) => {
    test.setTimeout(300000);
    await page.setViewportSize({ width, height });
    // what a page asks again by itself has not changed: htmx leaves it as it is
    await page.route((url) => /^\/(channels|people)\/.*\/(state|link)$/.test(url.pathname), (route) => route.fulfill({ status: 204 }));
    const names = (await (await request.get("/")).text()).trim().split("\n");
    const faults = [];
    let where = "";
    page.on("console", (m) => { if (m.type() === "error") faults.push(`${where}: ${m.text()}`); });
    page.on("pageerror", (e) => faults.push(`${where}: ${e.message}`));
    for (const name of names) {
      where = name;
      await page.goto(`${name}?lang=${lang}`);
      // what is folded is looked at too
      await page.evaluate(() => { for (const d of document.querySelectorAll("details.add, details.fold-card, details.fold")) d.open = true; });
      for (const found of await findings(page)) faults.push(`${name}: ${found}`);
      const wide = await page.evaluate(() => Math.max(document.documentElement.scrollWidth, document.querySelector(".page")?.scrollWidth ?? 0) - innerWidth);
      if (wide > 1) faults.push(`${name}: ${wide} px wider than the window`);
    }
    expect(names.length).toBeGreaterThan(30);
    expect(faults).toEqual([]);
  });
}

test("menus, palette and keys have no findings when open", async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto("/cases?view=office&case=2026/004127");
  for (const name of ["a", "s", "e", "more", "channel"]) {
    await page.locator(`details[data-menu="${name}"] > summary`).click();
    expect(await findings(page), name).toEqual([]);
    await page.keyboard.press("Escape");
  }
  await page.keyboard.press("Control+k");
  expect(await findings(page), "palette").toEqual([]);
  await page.keyboard.press("Escape");
  await page.locator("#rows .case").first().focus();
  await page.keyboard.press("?");
  await expect(page.locator("dialog #keys")).toBeVisible();
  expect(await findings(page), "keys").toEqual([]);
});

for (const size of [{ width: 1440, height: 900 }, { width: 1920, height: 1080 }]) {
  test(`names of waits on the wall are whole at ${size.width}`, async ({ page }) => {
    await page.setViewportSize(size);
    await page.goto("/page/display?lang=it");
    await expect(page.locator(".d-waits dt")).toHaveCount(3);
    const cut = await page.locator(".d-waits dt").evaluateAll((all) => all.filter((e) => {
      const line = parseFloat(getComputedStyle(e).fontSize);
      return e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight + line / 2; // descenders are no line
    }).map((e) => e.textContent));
    expect(cut).toEqual([]);
    expect(await page.locator("#side").evaluate((e) => e.scrollHeight - e.clientHeight), "all fits above the notice").toBeLessThanOrEqual(1);
  });
}
