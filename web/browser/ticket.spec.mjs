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

/** Puts notifications of our own in place of the browser's, which asks nobody in a test: answer is what the person says when asked. */
async function notices(page, answer) {
  await page.addInitScript((said) => {
    window.asked = 0;
    window.shown = [];
    window.Notification = class {
      static permission = sessionStorage.getItem("test-permission") ?? "default";
      static async requestPermission() {
        window.asked++;
        sessionStorage.setItem("test-permission", said);
        return (window.Notification.permission = said);
      }
      constructor(title, { body, tag, data }) { window.shown.push({ title, body, tag, url: data.url }); }
    };
  }, answer);
}

test("a notification tells the turn: asked for at a touch, kept over an answer, and not pushed on who refuses", async ({ town, desk, room }) => {
  test.setTimeout(120_000);
  await town.number(room);
  const mine = await town.number(room), other = await town.number(room);
  const yes = await desk(null, { size: phone }), no = await desk(null, { size: phone });
  await notices(yes, "granted");
  await notices(no, "denied");
  await yes.goto(mine.path);
  await no.goto(other.path);
  await expect(yes.locator("#alarm-how")).toHaveText("Funziona finché questa pagina resta aperta.");
  expect(await yes.evaluate(() => window.asked)).toBe(0); // nobody is asked before they touch
  await look(yes, "number, before the alarm is asked for");
  await yes.getByRole("button", { name: "Avvisami quando tocca a me" }).click();
  await expect(yes.locator("#alarm-how")).toContainText("Arrivano una notifica, un suono e una vibrazione.");
  await expect(yes.locator("#alarm-how")).toContainText("se la chiudi non possiamo avvisarti");
  expect(await yes.evaluate(() => window.asked)).toBe(1);
  await expect.poll(() => yes.evaluate(async () => (await navigator.serviceWorker.getRegistration("/p/t/"))?.scope ?? "")).toMatch(/\/p\/t\/$/);
  await look(yes, "number, with the alarm");
  await no.locator("#alarm").click();
  await expect(no.locator("#alarm-how")).toContainText("Le notifiche sono bloccate in questo browser");
  await look(no, "number, notifications refused");
  await yes.getByRole("button", { name: /Lascio passare/ }).click(); // the page is another, the wish is the same
  await expect(yes.locator("#alarm")).toHaveAttribute("aria-pressed", "true");
  expect(await yes.evaluate(() => window.asked)).toBe(0);

  const giulia = await sit(desk, "giulia", room.first);
  await press(giulia, "n");
  await expect(giulia.locator("#desk-now")).toHaveText("A1");
  const second = await sit(desk, "davide", room.second);
  await press(second, "n");
  await expect(no.getByRole("heading", { name: /A\s3, tocca a te/ })).toBeVisible();
  expect(await no.evaluate(() => window.shown)).toEqual([]);
  await giulia.getByRole("button", { name: "Non c’è" }).first().click();
  await press(giulia, "n");
  await expect(yes.getByRole("heading", { name: /A\s2, tocca a te/ })).toBeVisible();
  await expect.poll(() => yes.evaluate(() => window.shown)).toMatchObject([{ title: "A\u00a02: tocca a te", body: "Vai a: Sportello 1", tag: "turn" }]);
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
