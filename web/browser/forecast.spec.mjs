// Waits as ranges: on a telephone, at the kiosk, on the wall.
import { expect, look, phone, press, sit, test, upright, wall } from "./hall.mjs";

const range = /tra \d+ e \d+ minuti|entro \d+ minuti|tra pochissimo/;

test("a range follows the room, and one that grows says so", async ({ town, desk, room }) => {
  test.setTimeout(120_000);
  await town.lived(room);
  const giulia = await sit(desk, "giulia", room.first);
  for (let i = 0; i < 6; i++) await town.number(room);
  const mine = await town.number(room);
  const page = await desk(null, { size: phone });
  await page.goto(mine.path);
  await expect(page.locator("#range")).toHaveText(range);
  await expect(page.locator("#ahead")).toContainText("6 persone");
  const before = await page.locator("#range").textContent();
  await look(page, "number with a range");

  await test.step("somebody is called: fewer are ahead, and the range is another", async () => {
    await press(giulia, "n");
    await expect(giulia.locator("#desk-now")).toHaveText("A1");
    await expect(page.locator("#ahead")).toContainText("5 persone");
    await giulia.getByRole("button", { name: "Non c’è" }).first().click();
    await press(giulia, "n");
    await expect(page.locator("#ahead")).toContainText("4 persone");
    await expect(page.locator("#range")).not.toHaveText(before);
    await expect(page.locator("#range")).toHaveText(range);
  });

  await test.step("three go first: it takes longer, and the page says what it had said", async () => {
    for (let i = 0; i < 3; i++) await town.number(room);
    await page.getByRole("button", { name: "Lascio passare" }).click();
    await expect(page.locator("#moved")).toContainText("Ci vuole più di quanto avevamo detto");
    await look(page, "number whose range has grown");
  });
});

test("below thirty waits only the place is shown", async ({ town, desk, room }) => {
  await sit(desk, "giulia", room.first);
  await town.number(room);
  const mine = await town.number(room);
  const page = await desk(null, { size: phone });
  await page.goto(mine.path);
  await expect(page.locator("#range")).toHaveText("1 persona prima di te");
  await expect(page.locator("#moved")).toBeHidden();
});

test("kiosk and wall show ranges", async ({ town, desk, room }) => {
  test.setTimeout(120_000);
  await town.lived(room);
  await sit(desk, "giulia", room.first);
  for (let i = 0; i < 4; i++) await town.number(room);
  const kiosk = await room.open("kiosk", upright);
  await expect(kiosk.getByText(/Attesa \d+–\d+ min|Attesa breve/).first()).toBeVisible();
  await look(kiosk, "kiosk with ranges");
  const display = await room.open("display", wall);
  await expect(display.locator(".d-waits dd").first()).toHaveText(/\d+–\d+|a breve|subito/i);
  await look(display, "display with ranges");
});
