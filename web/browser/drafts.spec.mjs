// Drafts in two windows of one person: whoever comes second is stopped and
// chooses, and one window is never in conflict with itself.
import { expect, look, openCase, send, test } from "./desk.mjs";
import { citizen } from "./town.mjs";

const box = (page) => page.locator("#text");
const stop = (page) => page.locator("#stop");

/** A case, and two windows of one browser that show it. */
async function twoWindows(town, desk, who, subject, allow = /status of 409/) {
  await town.mail(who, { subject, text: "Buongiorno, come si fa?" });
  const one = await desk("giulia", { allow });
  const number = await openCase(one, subject);
  const two = await one.context().newPage();
  await two.goto(`/cases?view=office&case=${number}`);
  return { one, two, number };
}

/** Types as people do, at the end of what is there. */
async function write(page, text) {
  await box(page).press("Control+End");
  await box(page).pressSequentially(text);
}

/** Types, and waits until the server has kept the whole text. */
async function keep(page, text) {
  const whole = await box(page).inputValue() + text;
  const kept = page.waitForResponse((r) => r.url().endsWith("/draft") && new URLSearchParams(r.request().postData()).get("text") === whole);
  await write(page, text);
  expect((await kept).status()).toBe(200);
  await expect(page.locator("#draft-state")).toContainText("Bozza salvata");
}

test("a second window is stopped, and takes the text of the first", async ({ town, desk }) => {
  const { one, two } = await twoWindows(town, desk, citizen("Alba Neri"), "Cresta del muro");
  await keep(one, "Serve la SCIA.");
  await write(two, "Non serve niente.");
  await expect(stop(two)).toContainText("La bozza è stata cambiata in un’altra finestra");
  await expect(stop(two)).toContainText("Serve la SCIA.");
  await expect(box(two)).toHaveValue("Non serve niente."); // nothing that was typed goes away
  await look(two, "stopped by another window");
  await two.keyboard.press("Control+Enter"); // does nothing while it is stopped
  await expect(stop(two).locator("button").first()).toBeFocused();
  await stop(two).getByRole("button", { name: "Prendi quel testo" }).click();
  await expect(box(two)).toHaveValue("Serve la SCIA.");
  await expect(stop(two)).toBeEmpty();
  await keep(two, " Trova il modulo sul sito.");
  await one.reload();
  await expect(box(one)).toHaveValue("Serve la SCIA. Trova il modulo sul sito.");
});

test("a second window keeps its own text, and then the first is stopped", async ({ town, desk }) => {
  const remo = citizen("Remo Poli");
  const { one, two } = await twoWindows(town, desk, remo, "Siepe sul marciapiede");
  await keep(one, "La potiamo noi.");
  await write(two, "La poti il proprietario.");
  await stop(two).getByRole("button", { name: "Tieni il mio" }).click();
  await expect(stop(two)).toBeEmpty();
  await expect(box(two)).toHaveValue("La poti il proprietario.");
  await write(one, " Domani.");
  await expect(stop(one)).toContainText("La poti il proprietario.");
  await expect(box(one)).toHaveValue("La potiamo noi. Domani.");
  await send(two, "La poti il proprietario, entro venerdì.");
  expect((await town.letterBy(remo, (l) => !l.automatic)).text).toContain("entro venerdì");
});

test("what arrives meanwhile does not take the stop away, and the server holds it", async ({ town, desk }) => {
  const nives = citizen("Nives Orlandi");
  const { one, two } = await twoWindows(town, desk, nives, "Tombino che balla");
  const receipt = (await town.letters(nives, 1))[0];
  await keep(one, "Lo fissiamo.");
  await write(two, "Lo cambiamo.");
  await expect(stop(two)).toContainText("Lo fissiamo.");
  await town.mail(nives, { subject: `Re: ${receipt.subject}`, text: "Fa anche rumore.", answers: receipt });
  await expect(two.locator("#timeline")).toContainText("Fa anche rumore.");
  await expect(stop(two)).toContainText("Lo fissiamo.");
  await two.locator("#composer").evaluate((f) => { f.querySelector(".tools button.send").removeAttribute("aria-disabled"); f.requestSubmit(f.querySelector(".tools button.send")); });
  await expect(stop(two)).toContainText("Lo fissiamo.");
  await expect(box(two)).toHaveValue("Lo cambiamo.");
  expect((await town.letters(nives, 1)).filter((l) => !l.automatic)).toHaveLength(0);
});

test("a text that is not kept is not left without a question", async ({ town, desk }) => {
  const { one, two, number } = await twoWindows(town, desk, citizen("Tosca Riva"), "Fioriera rotta");
  await keep(one, "La aggiustiamo.");
  await write(two, "La togliamo.");
  await expect(stop(two)).toContainText("La aggiustiamo.");
  const asked = (answer) => new Promise((heard) => two.once("dialog", async (d) => { heard([d.type(), d.message()]); await d[answer](); }));
  let question = asked("dismiss");
  await two.locator('#composer a[data-key="n"]').click();
  expect((await question)[1]).toContain("Lo lasci perdere?");
  await expect(two.locator("#composer")).toHaveAttribute("data-mode", "reply");
  await expect(box(two)).toHaveValue("La togliamo.");
  question = asked("accept");
  await two.goto(`/cases?view=office&case=${number}`);
  expect((await question)[0]).toBe("beforeunload");
  await expect(box(two)).toHaveValue("La aggiustiamo.");
});

test("a page that is left while a save is on its way keeps the last words", async ({ town, desk }) => {
  const { one, number } = await twoWindows(town, desk, citizen("Ermes Galli"), "Ringhiera del ponte", /ERR_FAILED|Failed to load/);
  const held = new Promise((go) => { one.route("**/draft", (route) => (route.request().resourceType() === "fetch" ? go(route) : route.continue())); });
  await write(one, "La vernicia");
  const first = await held; // it is on its way until the page has gone
  await write(one, "mo a maggio.");
  await one.goto("/help");
  const form = async () => (await one.request.get(`/cases/${number}/composer?compose=reply`)).text();
  await expect.poll(form).toContain("La verniciamo a maggio.");
  const late = await one.request.post(first.request().url(), { form: Object.fromEntries(new URLSearchParams(first.request().postData())), headers: { Origin: town.url, "HX-Request": "true" } });
  expect(late.status()).toBe(200); // it is of the same window, and older: no conflict, and nothing is changed
  await one.goto(`/cases?view=office&case=${number}`);
  await expect(box(one)).toHaveValue("La verniciamo a maggio.");
});

test("a save whose answer was lost is no conflict with the next one", async ({ town, desk }) => {
  const { one, number } = await twoWindows(town, desk, citizen("Livio Conte"), "Campo da bocce", /ERR_FAILED|Failed to load/);
  let lost = 0;
  await one.route("**/draft", async (route) => {
    if (lost > 0) return route.continue();
    lost++;
    await route.fetch(); // it arrives and is kept
    return route.abort();
  });
  await write(one, "Si prenota");
  await expect(one.locator("#draft-state")).toContainText("Bozza non salvata");
  await keep(one, " in biblioteca.");
  await expect(stop(one)).toBeEmpty();
  expect(lost).toBe(1);
  await one.goto(`/cases?view=office&case=${number}`);
  await expect(box(one)).toHaveValue("Si prenota in biblioteca.");
});

test("the text is kept before another form takes its place", async ({ town, desk }) => {
  const { one } = await twoWindows(town, desk, citizen("Wanda Sala"), "Cestino in piazza", null);
  await write(one, "Lo svuotiamo");
  await one.locator('#composer a[data-key="n"]').click(); // at once: no save has gone yet
  await expect(one.locator("#composer")).toHaveAttribute("data-mode", "note");
  await write(one, "Sentire gli operai");
  await one.locator('#composer a[data-key="r"]').click();
  await expect(one.locator("#composer")).toHaveAttribute("data-mode", "reply");
  await expect(box(one)).toHaveValue("Lo svuotiamo");
});

test("what was sent does not come back as a draft", async ({ town, desk }) => {
  const bice = citizen("Bice Fumagalli");
  const { one, number } = await twoWindows(town, desk, bice, "Panchina al sole", null);
  const beacons = [];
  one.on("request", (r) => { if (r.resourceType() === "ping" && r.url().endsWith("/draft")) beacons.push(r.postData()); });
  await write(one, "Grazie, provvediamo.");
  await one.keyboard.press("Control+Enter");
  await expect(one.locator(".undo")).toBeVisible();
  await one.goto("/help");
  expect(beacons).toEqual([]);
  await one.goto(`/cases?view=office&case=${number}`);
  await expect(box(one)).toHaveValue("");
  expect((await town.letterBy(bice, (l) => !l.automatic)).text).toContain("provvediamo");
});
