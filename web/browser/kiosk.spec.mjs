// The kiosk, as people touch it: one number for two taps, four languages, keys that
// can be reached from a wheelchair, paper, and a server that is away.
import { expect, look, tablet, take, test, upright } from "./hall.mjs";

test("issue 24: a double tap is one number, and its paper is acknowledged", async ({ town, room }) => {
  for (const size of [upright, tablet]) {
    const page = await room.open("kiosk", size);
    await expect(page.getByRole("heading", { name: "Che cosa ti serve?" })).toBeVisible();
    await look(page, `kiosk, start, ${size.width}`);
    await page.getByRole("button", { name: "Anagrafe" }).click();
    await look(page, `kiosk, services, ${size.width}`);
    await page.getByRole("button", { name: "Certificati" }).click();
    await look(page, `kiosk, before the number, ${size.width}`);
    await page.getByRole("button", { name: "Prendo il numero" }).dblclick();
    await expect(page.locator(".k-no")).toBeVisible();
    await expect(page.locator("#printing")).toHaveText("Il biglietto di carta esce qui sotto.");
    await look(page, `kiosk, the number, ${size.width}`);
    await page.getByRole("button", { name: "Ho finito" }).click();
    await expect(page.getByRole("heading", { name: "Che cosa ti serve?" })).toBeFocused();
  }
  await expect.poll(async () => (await town.tickets(room)).map((t) => [t.label, t.printed])).toEqual([["A1", "true"], ["A2", "true"]]);
});

test("the language that is chosen holds on every step, and goes with the person", async ({ town, room }) => {
  const page = await room.open("kiosk", upright);
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page.getByRole("button", { name: "Taxes" }).click();
  await look(page, "kiosk in English");
  await page.locator(".k-main").click();
  await expect(page.locator(".k-no")).toHaveText(/T\s1/);
  await page.locator(".k-main").click();
  await expect(page.locator("html")).toHaveAttribute("lang", "it");
  expect(await town.tickets(room)).toMatchObject([{ label: "T1", lang: "en" }]);
});

test("low keys lie where a wheelchair reaches, on every step", async ({ room }) => {
  const page = await room.open("kiosk", upright);
  const reach = upright.height - 1200; // the lower 1,200 units of 1,920
  const check = async (what) => {
    const tops = await page.locator("button:visible").evaluateAll((all) => all.map((b) => [b.getBoundingClientRect().top, b.textContent]));
    expect(tops.filter(([top]) => top < reach), what).toEqual([]);
    await look(page, what);
  };
  await page.locator("#low").click();
  await check("low keys, start");
  await page.getByRole("button", { name: "Anagrafe" }).click();
  await check("low keys, services");
  await page.getByRole("button", { name: "Certificati" }).click();
  await check("low keys, before the number");
  await page.getByRole("button", { name: "Prendo il numero" }).click();
  await expect(page.locator(".k-no")).toBeVisible();
  await check("low keys, the number");
});

test("issue 2314: the number does not stay on the screen, and more time can be had", async ({ room }) => {
  const page = await room.open("kiosk", upright, { clock: true });
  await page.getByRole("button", { name: "Tributi" }).click();
  await page.getByRole("button", { name: "Prendo il numero" }).click();
  await expect(page.locator(".k-no")).toBeVisible();
  await page.getByRole("button", { name: "Più tempo" }).click();
  await page.clock.runFor(50_000);
  await expect(page.locator(".k-no")).toBeVisible();
  await page.clock.runFor(15_000);
  await expect(page.locator(".k-no")).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "Che cosa ti serve?" })).toBeVisible();
});

test("without its server the kiosk goes on, says so, and tells everything once", async ({ town, room }) => {
  test.setTimeout(150_000);
  const page = await room.open("kiosk", upright, { allow: /ERR_|Failed to load resource/ });
  expect(await take(page)).toBe("T1");
  await town.away();
  try {
    await expect(page.locator("#away")).toContainText("Collegamento assente dalle");
    await look(page, "kiosk without its server");
    const first = await take(page), second = await take(page);
    expect([first, second]).toEqual([expect.stringMatching(/^T[A-Z]1$/), expect.stringMatching(/^T[A-Z]2$/)]); // a band of its own
    // a machine that is switched off and on meanwhile forgets nothing: what was given is kept
    expect(await page.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith("given:")).map((k) => JSON.parse(localStorage[k]).length))).toEqual([2]);
  } finally {
    await town.again();
  }
  const told = page.waitForResponse((r) => r.url().endsWith("/reconcile") && r.ok());
  await told;
  await expect(page.locator("#away")).toBeHidden();
  await expect.poll(() => page.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith("given:")).map((k) => JSON.parse(localStorage[k]).length))).toEqual([0]);
  const labels = (await town.tickets(room)).map((t) => t.label);
  expect(labels.length).toBe(3);
  expect(new Set(labels).size).toBe(3);
  expect(await take(page)).toBe("T2"); // the room's own numbers go on without a gap
  expect((await town.tickets(room)).length).toBe(4);
});
