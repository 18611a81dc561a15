// The keyboard alone does everything (WCAG 2.1.1): not one click here.
import { entry, expect, look, openLive, settled, test } from "./desk.mjs";
import { citizen } from "./town.mjs";

test("an answer from arrival to closing without a mouse", async ({ town, desk }) => {
  const [zoe, tina] = [citizen("Zoe Ferri"), citizen("Tina Basile")];
  const page = await desk("giulia");
  const keys = page.keyboard;
  await town.mail(tina, { subject: "Prima lettera", text: "Uno." });
  await town.mail(zoe, { subject: "Seconda lettera", text: "Due." });
  await expect(async () => {
    await openLive(page, "/cases?view=office");
    await expect(page.locator("#rows")).toContainText("Seconda lettera", { timeout: 500 });
    await expect(page.locator("#rows")).toContainText("Prima lettera", { timeout: 500 });
  }).toPass();

  await keys.press("j");
  await expect(page.locator("#rows .case").first()).toBeFocused();
  await keys.press("j");
  await expect(page.locator("#rows .case").nth(1)).toBeFocused();
  await keys.press("k");
  await keys.press("Enter");
  await expect(page.locator("#case-title")).toHaveText("Seconda lettera");
  await settled(page);

  await keys.press("n");
  await expect(page.locator("#composer")).toHaveAttribute("data-mode", "note");
  await expect(page.locator("#text")).toBeFocused();
  await keys.type("Scrive ogni anno.");
  await keys.press("Control+Enter");
  await expect(entry(page, "Scrive ogni anno")).toBeVisible();
  await settled(page);
  await keys.press("Escape");

  await keys.press("r");
  await expect(page.locator("#composer")).toHaveAttribute("data-mode", "reply");
  await expect(page.locator("#text")).toBeFocused();
  await keys.type("Ci pensiamo noi.");
  await keys.press("Control+Enter");
  await expect(page.locator(".undo")).toBeVisible();
  await settled(page);
  await expect(page.locator("#text")).toBeFocused(); // where the next answer would be written
  await keys.press("z");
  await expect(page.locator("#text")).toHaveValue("Ci pensiamo noi.");
  await expect(page.locator(".undo")).toHaveCount(0);
  await keys.press("z");
  await expect(page.locator("#text")).toHaveValue(/z/); // in a text it is a letter
  await keys.press("Backspace");
  await settled(page);
  await keys.press("Control+Enter");
  await expect(page.locator(".undo")).toBeVisible();
  await settled(page);
  await keys.press("Control+z");
  await expect(page.locator("#text")).toHaveValue("Ci pensiamo noi.");
  await settled(page);
  await keys.press("Control+Enter");
  await expect(page.locator(".undo")).toBeVisible();
  await settled(page);
  await keys.press("Escape");
  await keys.press("z");
  await expect(page.locator("#text")).toHaveValue("Ci pensiamo noi.");
  await settled(page);
  await keys.press("Control+Enter");
  const letter = await town.letterBy(zoe, (l) => !l.automatic);
  expect(letter.text).toContain("Ci pensiamo noi.");

  await keys.press("Escape");
  await keys.press("a");
  await expect(page.locator('details[data-menu="a"] button').first()).toBeFocused();
  await keys.press("ArrowDown");
  await keys.press("Escape");
  await expect(page.locator('details[data-menu="a"]')).not.toHaveAttribute("open");
  await keys.press("e");
  await expect(page.locator("#close-outcome")).toBeFocused();
  await keys.press("Tab");
  await keys.press("Tab");
  await keys.press("Enter");
  await expect(page.locator("#timeline")).toContainText("Chiusa");
});

test("going places, searching, the list of keys", async ({ desk }) => {
  const page = await desk("giulia");
  const keys = page.keyboard;
  await page.goto("/cases?view=office");
  for (const [second, where] of [["q", /reception/], ["i", /cases/], ["p", /people/], ["x", /quarantine/], ["h", /channels/]]) {
    await keys.press("g");
    await keys.press(second);
    await expect(page).toHaveURL(where);
    await page.waitForLoadState();
  }
  await keys.press("v");
  await keys.press("g");
  await keys.press("i");
  await expect(page).toHaveURL(/cases/);
  await page.waitForLoadState();
  await keys.press("v");
  await expect(page).toHaveURL(/reception\?how=visit/);
  await page.waitForLoadState();
  await expect(page.getByLabel("Nome e cognome")).toBeInViewport(); // not the queue, which comes first at the reception
  await keys.press("p");
  await expect(page).toHaveURL(/reception\?how=phone/);
  await page.waitForLoadState();
  await keys.press("?");
  await expect(page.locator("dialog #keys")).toBeVisible();
  await look(page, "the list of keys");
  await keys.press("Escape");
  await expect(page.locator("dialog #keys")).toHaveCount(0);
  await keys.press("/");
  await expect(page.locator("#find input")).toBeFocused();
  await keys.type("lettera");
  await keys.press("Enter");
  await expect(page).toHaveURL(/search\?q=lettera/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("lettera");
  await look(page, "search");
});

test("the palette finds a case by its words", async ({ town, desk }) => {
  const ezio = citizen("Ezio Pavan");
  await town.mail(ezio, { subject: "Tartufaia demaniale", text: "Si può raccogliere?" });
  const page = await desk("giulia");
  await expect(async () => {
    await page.goto("/cases?view=office");
    await expect(page.locator("#rows")).toContainText("Tartufaia", { timeout: 500 });
  }).toPass();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("tartufaia");
  await expect(page.locator("#palette [role=option]:visible").first()).toContainText("Tartufaia demaniale");
  await look(page, "the palette");
  await page.keyboard.press("Enter");
  await expect(page.locator("#case-title")).toHaveText("Tartufaia demaniale");
});

test("letters can be switched off", async ({ desk }) => {
  const page = await desk("nadia");
  await page.goto("/reception");
  await page.locator("#me summary").focus();
  await page.keyboard.press("Enter");
  await page.locator('#me [name=keys][value=off]').focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("body")).toHaveAttribute("data-keys", "off");
  await page.keyboard.press("p");
  await page.keyboard.press("Control+k");
  await expect(page.locator("#palette")).toBeVisible();
  await expect(page).toHaveURL(/reception$/);
  await page.keyboard.press("Escape");
  await page.locator("#me summary").focus();
  await page.keyboard.press("Enter");
  await page.locator('#me [name=keys][value=on]').focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("body")).toHaveAttribute("data-keys", "on");
});

test("the skip link comes first and leads past the navigation", async ({ desk }) => {
  const page = await desk("giulia");
  await page.goto("/people");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Vai al contenuto" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("#content")).toBeFocused();
});
