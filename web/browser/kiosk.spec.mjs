// The kiosk, as people touch it: one number for two taps, four languages, keys that
// can be reached from a wheelchair, paper, and a server that is away.
import { expect, look, phone, press, sit, tablet, take, test, upright } from "./hall.mjs";

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

/** Types as a scanner does: key after key, at once, and Enter. */
async function scan(page, text, { keyboard = "us" } = {}) {
  await page.evaluate(([words, other]) => {
    const places = { ":": "Semicolon", "/": "Slash", ".": "Period", "-": "Minus", "_": "Minus", "?": "Slash" };
    const abroad = { ":": "ç", "/": "-", "-": "'", "_": "?", "?": "_" }; // what an Italian keyboard has there
    for (const c of [...words, "Enter"]) {
      const code = c === "Enter" ? c : /[a-z]/i.test(c) ? `Key${c.toUpperCase()}` : /[0-9]/.test(c) ? `Digit${c}` : places[c];
      const to = document.activeElement ?? document.body;
      to.dispatchEvent(new KeyboardEvent("keydown", { key: other ? abroad[c] ?? c : c, code, shiftKey: /[A-Z:_?]/.test(c) && c !== "Enter", bubbles: true, cancelable: true }));
    }
  }, [text, keyboard === "it"]);
}

test("a scanner types what it reads: the number is shown on any step, also from a keyboard of another country", async ({ town, desk, room }) => {
  test.setTimeout(120_000);
  const one = await town.number(room), two = await town.number(room);
  const page = await room.open("kiosk", upright, { allow: /status of 404/ });
  await scan(page, town.url + one.path);
  await expect(page.getByRole("heading", { name: "Il tuo numero" })).toBeVisible();
  await expect(page.locator(".k-no")).toHaveText(/A\s1/);
  await expect(page.locator("#printing")).toHaveCount(0); // its holder has it
  await look(page, "kiosk, a number that was read");
  await scan(page, town.url + two.path, { keyboard: "it" });
  await expect(page.locator(".k-no")).toHaveText(/A\s2/);
  await expect(page.locator(".k-ticket")).toContainText("Davanti a te c’è 1 persona.");
  const giulia = await sit(desk, "giulia", room.first);
  await giulia.locator(".btn-next").click();
  await expect(giulia.locator("#desk-now")).toHaveText("A1");
  await scan(page, town.url + one.path);
  await expect(page.locator(".k-ticket")).toContainText("Vai a Sportello 1");
  await look(page, "kiosk, a number that is called");
  await scan(page, "https://altrove.example/x");
  await expect(page.locator(".k-warn")).toContainText("Nessun appuntamento di oggi ha questo codice");
  await look(page, "kiosk, a code that nobody knows");
  for (const c of "AB2") await page.keyboard.press(c, { delay: 120 }); // a person types
  await expect(page.locator("#code")).toHaveText(/A\s?B\s?2/);
});

test("a camera reads codes where the device may and the browser can, and goes out after", async ({ town, room, desk }) => {
  test.setTimeout(120_000);
  const mine = await town.number(room);
  const staff = await desk("fabio");
  await staff.goto(`/admin/queue/${room.site}`);
  await staff.goto(await staff.locator("a[href*='/devices/']", { hasText: "kiosk" }).first().getAttribute("href"));
  await staff.locator("input[name=camera]").check();
  await staff.locator("input[name=reader]").check();
  await look(staff, "the form of a kiosk");
  await staff.locator("#content button.btn-primary").first().click();
  await staff.waitForURL(new RegExp(`/admin/queue/${room.site}$`));
  const page = await room.open("kiosk", upright, { allow: /status of 404/ });
  const able = (address) => page.addInitScript((seen) => {
    window.cameras = 0;
    window.BarcodeDetector = class { async detect() { return window.held ? [{ rawValue: seen }] : []; } };
    const picture = () => document.createElement("canvas").captureStream();
    Object.defineProperty(navigator, "mediaDevices", { value: { getUserMedia: async () => {
      const s = picture();
      window.cameras++;
      for (const t of s.getTracks()) { const stop = t.stop.bind(t); t.stop = () => { window.cameras--; stop(); }; }
      return s;
    } } });
    HTMLMediaElement.prototype.play = async () => {};
  }, address);
  await able(town.url + mine.path);
  await page.reload();
  // without appointments there is no step for codes at the start; a wrong code leads to it
  await scan(page, "ZZZZZZ");
  await expect(page.getByRole("heading", { name: "Scrivi il codice" })).toBeVisible();
  await page.getByRole("button", { name: "Inquadra il codice QR" }).click();
  await expect.poll(() => page.evaluate(() => window.cameras)).toBe(1);
  await look(page, "kiosk, its camera");
  await page.getByRole("button", { name: "Scrivo il codice" }).click();
  await expect.poll(() => page.evaluate(() => window.cameras)).toBe(0);
  await page.getByRole("button", { name: "Inquadra il codice QR" }).click();
  await page.evaluate(() => { window.held = true; });
  await expect(page.locator(".k-no")).toHaveText(/A\s1/);
  expect(await page.evaluate(() => window.cameras)).toBe(0);
});

test("a kiosk whose page is old loads anew when nobody uses it, and not twice", async ({ room }) => {
  const page = await room.open("kiosk", upright);
  const loads = [];
  page.on("framenavigated", (f) => loads.push(f.url()));
  let asked = 0;
  await page.route(/\/state\?page=/, async (r) => {
    const answer = await r.fetch(), state = await answer.json();
    asked++;
    await r.fulfill({ response: answer, json: { ...state, release: "ffffffffffffffff" } }); // another machine, already on another version
  });
  await page.getByRole("button", { name: "Tributi" }).click();
  const before = asked;
  await expect.poll(() => asked, { timeout: 30_000 }).toBeGreaterThan(before + 1);
  expect(loads).toEqual([]); // somebody stands there
  await page.getByRole("button", { name: "Ricomincia" }).click();
  await expect.poll(() => loads.length, { timeout: 30_000 }).toBe(1);
  const after = asked;
  await expect.poll(() => asked, { timeout: 30_000 }).toBeGreaterThan(after + 2);
  expect(loads.length).toBe(1);
});

test("help that is asked for at the kiosk stands in the live room until somebody goes there", async ({ town, desk, room }) => {
  test.setTimeout(120_000);
  const kiosk = await room.open("kiosk", upright);
  const staff = [await desk("giulia"), await desk("giulia", { size: phone })];
  for (const page of staff) await page.goto(`/queue?site=${room.site}`);
  const told = (page) => page.locator("#room form[action*='/notices/']");
  for (const page of staff) await expect(told(page)).toHaveCount(0);
  const asked = kiosk.waitForResponse((r) => r.url().endsWith("/help") && r.ok());
  await kiosk.locator("#help").click();
  await asked;
  for (const page of staff) {
    await expect(told(page)).toHaveCount(1); // without loading the page again
    await expect(told(page)).toContainText("qualcuno chiede aiuto");
    await look(page, `the live room with a notice, ${page.viewportSize().width}`);
  }
  const go = told(staff[0]).getByRole("button", { name: "Ci vado" });
  await go.focus();
  await town.number(room); // the room is drawn again
  await expect(staff[0].locator("#room")).toContainText("A1");
  await expect(go).toBeFocused();
  await staff[0].keyboard.press("Enter");
  for (const page of staff) await expect(told(page)).toHaveCount(0);
});

test("help that is asked for stands at a counter too, and what is written there stays", async ({ town, desk, room }) => {
  test.setTimeout(120_000);
  await town.number(room);
  const kiosk = await room.open("kiosk", upright);
  const page = await sit(desk, "giulia", room.first);
  const told = page.locator("#told form[action*='/notices/']");
  await press(page, "n");
  await expect(page.locator("#desk-now")).toHaveText("A1");
  await press(page, "s");
  const note = page.locator("#desk-note");
  await note.fill("Torna domani con la fototessera");
  const asked = kiosk.waitForResponse((r) => r.url().endsWith("/help") && r.ok());
  await kiosk.locator("#help").click();
  await asked;
  await expect(told).toHaveCount(1); // though somebody is writing
  await expect(told).toContainText("qualcuno chiede aiuto");
  await expect(note).toBeFocused();
  await look(page, "a counter with a notice");
  await told.getByRole("button", { name: "Ci vado" }).click();
  await expect(told).toHaveCount(0);
  await expect(page).toHaveURL(new RegExp(`/counter/${room.first}$`));
  await expect(note).toHaveValue("Torna domani con la fototessera");
});
