// The counter: with the keyboard alone, from two tabs, at closing time, and when the
// operator leaves with somebody at the counter.
import { expect, look, phone, press, sit, test, upright } from "./hall.mjs";

/** Goes to something with the tabulator alone and presses Enter there. */
async function tabTo(page, target, press = "Enter") {
  await target.waitFor();
  await page.waitForLoadState("load");
  for (let i = 0; i < 80; i++) {
    if (await target.evaluate((e) => e === document.activeElement)) {
      if (press) await page.keyboard.press(press);
      return;
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`the keyboard does not reach ${target}`);
}

const button = (page, name) => page.locator("#desk").getByRole("button", { name, exact: false }).first();

test("an act can be taken back for as long as the program says, whatever the hour is on the desk's machine", async ({ town, desk, room }) => {
  await town.number(room);
  const page = await desk("giulia");
  await page.clock.install({ time: new Date(Date.now() + 30 * 24 * 3600e3) });
  await page.goto("/counter");
  await page.locator(`form[action="/counter/${room.first}/open"] button`).click();
  await press(page, "n");
  await expect(page.locator("#desk-now")).toHaveText("A1");
  const undo = page.locator("#desk .take-back");
  await page.clock.runFor(10_000);
  await expect(undo).toBeVisible();
  await page.clock.runFor(30_000);
  await expect(undo).toHaveCount(0);
});

test("a morning at the counter without a mouse", async ({ town, desk, room }) => {
  test.setTimeout(150_000);
  for (let i = 0; i < 4; i++) await town.number(room);
  const page = await desk("giulia");
  const now = page.locator("#desk-now");
  await page.goto("/counter");
  await look(page, "choice of a counter");
  await tabTo(page, page.locator(`form[action="/counter/${room.first}/open"] button`));
  await expect(page).toHaveURL(new RegExp(`/counter/${room.first}$`));
  await look(page, "counter, free");

  await press(page, "n");
  await expect(now).toHaveText("A1");
  await look(page, "counter, called");
  await press(page, "r");
  await expect(page.locator("#desk")).toContainText("chiamato 2 volte");

  await tabTo(page, button(page, "Non c’è"));
  await expect(now).toHaveText("Sportello libero");
  await press(page, "z"); // a misclick is taken back
  await expect(now).toHaveText("A1");

  await tabTo(page, button(page, "Rimetti in attesa"));
  await expect(now).toHaveText("Sportello libero");
  await press(page, "n");
  await expect(now).toHaveText("A2"); // and not A1 again at once
  await press(page, "s");
  await expect(page.locator("#desk-note")).toBeVisible();
  await look(page, "counter, serving");
  await tabTo(page, page.locator("#desk-note"), null);
  await page.keyboard.type("Ha ritirato il certificato.");
  await tabTo(page, button(page, "Concludi"));
  await expect(button(page, "Avanti")).toBeVisible();

  await press(page, "n");
  await expect(now).toHaveText("A3");
  await press(page, "s");
  await expect(page.locator("#desk-note")).toBeVisible();
  await tabTo(page, page.locator("#desk summary").filter({ hasText: "Manda a un altro servizio" }));
  await tabTo(page, page.locator("#desk-service"), null);
  await page.keyboard.type("TARI");
  await look(page, "counter, transfer");
  await tabTo(page, button(page, "Manda in attesa"));
  await expect(now).toHaveText("Sportello libero");
  expect((await town.tickets(room)).find((t) => t.label === "A3").state).toBe("waiting"); // the same visit goes on
  await page.setViewportSize(phone);
  await look(page, "counter on a telephone");
});

test("two tabs of one operator do a thing once", async ({ town, desk, room }) => {
  await town.number(room);
  await town.number(room);
  const one = await sit(desk, "giulia", room.first);
  const two = await one.context().newPage();
  await two.goto(`/counter/${room.first}`);
  await expect(button(two, "Avanti")).toBeVisible();
  await two.route("**/counter/*/desk", (r) => r.abort()); // this tab hears nothing of the other
  await press(one, "n");
  await expect(one.locator("#desk-now")).toHaveText("A1");
  await button(two, "Avanti").click();
  await expect(two.locator("#desk-now")).toHaveText("A1");
  expect((await town.tickets(room)).map((t) => [t.label, t.state])).toEqual([["A1", "called"], ["A2", "waiting"]]);
  await two.unroute("**/counter/*/desk");
});

test("who leaves with somebody at the counter is told, and nobody is lost", async ({ town, desk, room }) => {
  await town.number(room);
  const page = await sit(desk, "giulia", room.first);
  await press(page, "n");
  await expect(page.locator("#desk-now")).toHaveText("A1");
  await page.getByRole("button", { name: "Lascia lo sportello" }).click();
  await expect(page.locator("#desk-now")).toHaveText("A1");
  await expect(page.locator("#flash")).toBeVisible();
  await look(page, "counter, leaving refused");
  expect((await town.tickets(room)).map((t) => t.state)).toEqual(["called"]);
  await button(page, "Rimetti in attesa").click();
  await page.getByRole("button", { name: "Lascia lo sportello" }).click();
  await expect(page).toHaveURL(/\/counter$/);
  expect((await town.tickets(room)).map((t) => t.state)).toEqual(["waiting"]);
});

test("at closing time no number is given, and those who wait are still served", async ({ town, desk, room }) => {
  await town.number(room);
  await town.number(room);
  const kiosk = await room.open("kiosk", upright);
  const page = await sit(desk, "giulia", room.first);
  await town.shut(room);
  await expect(kiosk.locator(".k-shut")).toBeVisible();
  await look(kiosk, "kiosk, shut");
  await page.goto(`/queue?site=${room.site}`);
  await expect(page.locator("#room")).toContainText("chiusa adesso");
  await expect(page.locator("#room .flash")).toContainText("2");
  await look(page, "room, shut with people waiting");
  await page.goto(`/counter/${room.first}`);
  await press(page, "n");
  await expect(page.locator("#desk-now")).toHaveText("A1");
});
