// Every sample page, in both languages and two widths: no findings of axe, no
// message on the console, nothing wider than the window.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";

const sizes = [
  { width: 1440, height: 900, lang: "it" },
  { width: 390, height: 844, lang: "en" },
];

for (const { width, height, lang } of sizes) {
  test(`pages at ${width} in ${lang}`, async ({ page, request }) => {
    test.setTimeout(300000);
    await page.setViewportSize({ width, height });
    const names = (await (await request.get("/")).text()).trim().split("\n");
    const findings = [];
    let where = "";
    page.on("console", (m) => { if (m.type() === "error") findings.push(`${where}: ${m.text()}`); });
    page.on("pageerror", (e) => findings.push(`${where}: ${e.message}`));
    for (const name of names) {
      where = name;
      await page.goto(`${name}?lang=${lang}`);
      // what is folded is looked at too
      await page.evaluate(() => { for (const d of document.querySelectorAll("details.add, details.fold-card, details.fold")) d.open = true; });
      // the frames of mail run nothing, so axe cannot look inside
      const found = await new AxeBuilder({ page }).exclude("iframe.frame")
        .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
      for (const v of found.violations) findings.push(`${name}: ${v.id} at ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`);
      const wide = await page.evaluate(() => Math.max(document.documentElement.scrollWidth, document.querySelector(".page")?.scrollWidth ?? 0) - innerWidth);
      if (wide > 1) findings.push(`${name}: ${wide} px wider than the window`);
    }
    expect(names.length).toBeGreaterThan(30);
    expect(findings).toEqual([]);
  });
}

test("menus, palette and keys have no findings when open", async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto("/cases?view=office&case=2026/004127");
  const look = async () => (await new AxeBuilder({ page }).exclude("iframe.frame").analyze()).violations.map((v) => v.id + " " + v.nodes[0].html);
  for (const name of ["a", "s", "e", "more", "channel"]) {
    await page.locator(`details[data-menu="${name}"] > summary`).click();
    expect(await look(), name).toEqual([]);
    await page.keyboard.press("Escape");
  }
  await page.keyboard.press("Control+k");
  expect(await look(), "palette").toEqual([]);
  await page.keyboard.press("Escape");
  await page.locator("#rows .case").first().focus();
  await page.keyboard.press("?");
  await expect(page.locator("dialog #keys")).toBeVisible();
  expect(await look(), "keys").toEqual([]);
});
