// The wait on one's own telephone, and the faces on the tablet of a counter.
import { expect, look, phone, press, sit, tablet, test, wide } from "./hall.mjs";

test("issue 82: the place follows the room, and the person can step back and give up", async ({ town, desk, room }) => {
  test.setTimeout(120_000);
  for (let i = 0; i < 5; i++) await town.number(room);
  const mine = await town.number(room);
  const page = await desk(null, { size: phone, allow: /ERR_/ });
  await page.goto(mine.path);
  await expect(page.locator("#ahead")).toContainText("5 persone");
  await look(page, "number on a telephone");
  const giulia = await sit(desk, "giulia", room.first, { allow: /ERR_/ });
  await press(giulia, "n");
  await expect(page.locator("#ahead")).toContainText("4 persone");
  await expect(giulia.locator("#desk-now")).toHaveText("A1");

  await test.step("after a cut the page shows what is true now", async () => {
    await page.route(/\/p\/t\/.*\/events$/, (r) => r.abort());
    await town.away();
    await town.again();
    await giulia.reload();
    await press(giulia, "s");
    await giulia.getByRole("button", { name: "Concludi e chiama il prossimo" }).click();
    await expect(giulia.locator("#desk-now")).toHaveText("A2");
    await page.unroute(/\/p\/t\/.*\/events$/);
    await expect(page.locator("#ahead")).toContainText("3 persone");
  });

  await test.step("three go first, and then it is undone", async () => {
    await town.number(room);
    await town.number(room);
    await town.number(room);
    await page.getByRole("button", { name: "Lascio passare" }).click();
    await expect(page.locator("#ahead")).toContainText("6 persone");
    await look(page, "number, three go first");
  });

  await test.step("giving up asks once, with the safe answer first, and can be undone", async () => {
    await page.getByRole("link", { name: "Rinuncio al posto" }).click();
    await expect(page.getByRole("heading", { name: "Vuoi lasciare il posto?" })).toBeVisible();
    await expect(page.locator(".t-acts .t-btn").first()).toHaveText("No, resto in coda");
    await look(page, "number, giving up");
    await page.getByRole("button", { name: "Sì, lascio il posto" }).click();
    await expect(page.locator("#content")).toHaveAttribute("data-phase", "left");
    await look(page, "number, given up");
    await page.getByRole("button", { name: "Torno in coda" }).click();
    await expect(page.locator("#content")).toHaveAttribute("data-phase", "waiting");
  });
});

test("issue 118: a call is seen, heard and felt on the telephone", async ({ town, desk, room }) => {
  const mine = await town.number(room);
  const page = await desk(null, { size: phone });
  await page.addInitScript(() => {
    window.felt = [];
    navigator.vibrate = (pattern) => { window.felt.push(pattern); return true; };
  });
  await page.goto(mine.path);
  await page.locator("#alarm").click();
  await expect(page.locator("#alarm")).toHaveAttribute("aria-pressed", "true");
  const giulia = await sit(desk, "giulia", room.first);
  await press(giulia, "n");
  await expect(page.getByRole("heading", { name: /A\s1, tocca a te/ })).toBeVisible();
  await expect(page.locator("#content")).toBeFocused();
  await expect(page).toHaveTitle(/tocca a te/);
  expect(await page.evaluate(() => window.felt.some((p) => Array.isArray(p)))).toBe(true);
  await look(page, "number, called");
  await press(giulia, "r");
  await expect.poll(() => page.evaluate(() => window.felt.filter((p) => Array.isArray(p)).length)).toBe(2); // a recall rings again
});

test("the tablet shows the faces after a service, and counts one vote", async ({ town, desk, room }) => {
  test.setTimeout(120_000);
  const page = await room.open("tablet", tablet);
  await look(page, "tablet that waits");
  await town.number(room);
  const giulia = await sit(desk, "giulia", room.first);
  await press(giulia, "n");
  await expect(giulia.locator("#desk-now")).toHaveText("A1");
  await press(giulia, "s");
  await expect(giulia.locator("#desk-note")).toBeVisible();
  await press(giulia, "f");
  await expect(page.getByRole("button", { name: "Male" })).toBeVisible();
  await look(page, "tablet with faces");
  await page.getByRole("button", { name: "Male" }).click();
  await expect(page.getByRole("heading", { name: /Che cosa non ha funzionato/ })).toBeVisible();
  await look(page, "tablet, why");
  await page.getByRole("button", { name: "Ho aspettato troppo" }).click();
  await look(page, "tablet, thanks");
  await expect(page.getByRole("button", { name: "Male" })).toHaveCount(0);
  await page.setViewportSize(wide);
  await look(page, "tablet, large");
});
