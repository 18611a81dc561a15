// The screen of the waiting room: what is called is shown and announced, one after
// the other; what is cut off says so, and comes back whole.
import { expect, look, press, sit, test, wall } from "./hall.mjs";

/** Notes what the display says aloud: the clips that it asks for, in their order. */
function hear(page) {
  const said = [];
  page.on("request", (r) => {
    const m = /\/say\/(\d+)\/(\w+)$/.exec(r.url());
    if (m) said.push({ call: m[1], lang: m[2] });
  });
  return said;
}

/** Lets a browser make sounds, as the touch of whoever mounts the screen does. */
async function listen(page) {
  const key = page.locator("#sound");
  if (await key.isVisible()) await key.click();
  await expect(key).toBeHidden();
}

test("issue 112: a call is shown with chime, flash and voice, and issue 138: the second waits for the first", async ({ town, desk, room }) => {
  test.setTimeout(150_000);
  const page = await room.open("display", wall);
  const said = hear(page);
  await look(page, "display without a call");
  await listen(page);
  const one = await town.number(room), two = await town.number(room);
  await expect(page.locator("#side")).toContainText(/A\s1/);
  const first = await sit(desk, "giulia", room.first), second = await sit(desk, "davide", room.second);
  await press(first, "n");
  await expect(page.locator("body")).toHaveAttribute("data-call", "flash");
  await expect(page.locator("#told")).toHaveText("A, 1, Sportello 1.");
  await expect(page.locator("#call")).toContainText(/A\s1/);
  await expect(page.locator("#call")).toContainText("1");
  await look(page, "display with a call");
  await press(second, "n"); // while the first is announced
  await expect(second.locator("#desk-now")).toHaveText(two.label);
  expect(one.label).toBe("A1");
  await expect(page.locator("#told")).toHaveText("A, 1, Sportello 1.");
  await expect(page.locator("#told")).toHaveText("A, 2, Sportello 2.", { timeout: 30_000 });
  await expect(page.locator("body")).not.toHaveAttribute("data-call", /./, { timeout: 30_000 });
  await expect(page.locator("body")).toHaveAttribute("data-voice", "server");
  const order = said.map((s) => s.lang);
  expect(order).toEqual(["it", "it", "en", "it", "it", "en"]); // twice in Italian, once in the other language
  expect(new Set(said.slice(0, 3).map((s) => s.call)).size).toBe(1);
  expect(said[3].call).not.toBe(said[0].call);

  await test.step("a recall announces again what is still shown", async () => {
    said.length = 0;
    await press(first, "r");
    await expect(page.locator("body")).toHaveAttribute("data-call", "flash");
    await expect(page.locator("#told")).toHaveText("A, 1, Sportello 1.");
    await expect(page.locator("#list li, #call .d-number")).not.toHaveCount(0);
    await expect.poll(() => said.length).toBeGreaterThan(0);
    await expect(page.locator("#list")).toContainText(/A\s2/);
  });
});

test("issue 633: a display that is cut off says since when, and comes back by its full state", async ({ town, desk, room }) => {
  test.setTimeout(150_000);
  const page = await room.open("display", wall, { allow: /ERR_|Failed to load resource/ });
  await town.number(room);
  const giulia = await sit(desk, "giulia", room.first, { allow: /ERR_/ });
  await press(giulia, "n");
  await expect(page.locator("#call")).toContainText(/A\s1/);
  await town.number(room);
  await expect(page.locator("#side")).toContainText(/A\s2/);
  await page.route(/\/(events|state)\?/, (r) => r.abort()); // what comes back first is the counter
  await town.away();
  await expect(page.locator("#stale")).toContainText(/Dati fermi dalle \d+:\d\d/, { timeout: 40_000 });
  await expect(page.locator("#stale")).toContainText("Gli sportelli chiamano a voce");
  await expect(page.locator("#call")).toContainText(/A\s1/); // the last call stays
  await expect(page.locator("#side")).not.toContainText(/A\s2/); // who is next is not known
  await expect(page.locator("#code")).toBeEmpty();
  await look(page, "display, stale");
  await town.again();
  await giulia.reload();
  await press(giulia, "s"); // what happens meanwhile
  await expect(giulia.locator("#desk-note")).toBeVisible();
  await giulia.getByRole("button", { name: "Concludi e chiama il prossimo" }).click();
  await expect(giulia.locator("#desk-now")).toHaveText("A2");
  await town.number(room);
  await page.unroute(/\/(events|state)\?/);
  await expect(page.locator("#stale")).toBeHidden();
  await expect(page.locator("#call")).toContainText(/A\s2/);
  await expect(page.locator("#list")).toContainText(/A\s1/);
  await expect(page.locator("#side")).toContainText(/A\s3/);
});
