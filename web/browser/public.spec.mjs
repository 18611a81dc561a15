// What citizens do on the town's own pages, and how a chat is linked to a person:
// the status page with its form, without scripts too; the notice; the sheet.
import { expect, look, openCase, openLive, phone, row, send, test } from "./desk.mjs";
import { citizen } from "./town.mjs";

/** The number and secret of a case, from the receipt that its citizen got. */
async function receiptOf(town, who) {
  const receipt = await town.letterBy(who, (l) => l.automatic);
  return new URL(receipt.text.match(/http:\S+\/p\/case\S+/)[0]);
}

const file = (name, text) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) });

for (const [name, options] of [["with scripts", {}], ["without scripts, on a phone", { javaScriptEnabled: false, size: phone }]]) {
  test(`a citizen writes on the page of a case, ${name}`, async ({ town, desk }) => {
    const rosa = citizen("Rosa Bini");
    const giulia = await desk("giulia");
    await town.mail(rosa, { subject: `Passo carraio ${name}`, text: "Come chiedo il passo carraio?" });
    await openCase(giulia, `Passo carraio ${name}`);
    const link = await receiptOf(town, rosa);

    const page = await desk(null, { ...options, allow: /status of 422/ });
    await page.goto(link.href);
    await expect(page.getByText("La risposta ti arriva via E-mail e qui")).toBeVisible();
    if (!options.size) await look(page, "a case with its form");
    await page.getByRole("button", { name: "Invia" }).click();
    await expect(page.getByRole("alert")).toContainText("Scrivi qualcosa");
    if (!options.size) await look(page, "a form that says nothing");
    await page.getByLabel("Scrivi all’ufficio").fill("Ecco la piantina.\nGrazie.");
    await page.getByLabel("Allega un file").setInputFiles([file("piantina.txt", "una piantina"), file("foto.txt", "una foto")]);
    await page.getByRole("button", { name: "Invia" }).click();
    await expect(page.getByRole("status")).toContainText("Messaggio ricevuto");
    await expect(page.getByText("piantina.txt")).toBeVisible();
    if (!options.size) await look(page, "what was sent");

    const entry = giulia.locator("#timeline").getByText("Ecco la piantina.");
    await expect(entry).toBeVisible(); // the open case is live
    await expect(giulia.locator("#timeline")).toContainText("conosce numero e codice");
    const [download] = await Promise.all([giulia.waitForEvent("download"), giulia.getByRole("link", { name: "piantina.txt" }).click()]);
    expect(download.suggestedFilename()).toBe("piantina.txt");
    await send(giulia, "La pratica è completa.");
    await town.letterBy(rosa, (l) => l.text.includes("La pratica è completa."));
    await page.reload();
    await expect(page.locator("body")).toContainText("La pratica è completa.");
  });
}

test("the notice on personal data is where messages lead", async ({ town, desk }) => {
  const ines = citizen("Ines Galli");
  await town.chat(ines, "/privacy");
  const told = await town.chatTo(ines, (m) => m.text.includes("/p/privacy"));
  const page = await desk(null, { size: phone });
  await page.goto(told.text.match(/http:\S+\/p\/privacy/)[0]);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Come usiamo i tuoi dati");
  await expect(page.locator("main")).toContainText("rpd@comune.pontelieto.example");
  await look(page, "privacy notice");
  await page.getByRole("link", { name: "English" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("How we use your data");
  await look(page, "privacy notice, in English");
});

test("a chat is linked to a person by a code", async ({ town, desk }) => {
  const ada = citizen("Ada Conti");
  const giulia = await desk("giulia");
  await town.mail(ada, { subject: "Cambio di residenza di Ada", text: "Come si fa?" });
  await openCase(giulia, "Cambio di residenza di Ada");
  await giulia.locator("#person-pane").getByRole("link", { name: "Apri" }).click();
  await giulia.getByRole("button", { name: "Collega Telegram" }).click();
  await expect(giulia.getByRole("img", { name: "Codice QR" })).toBeVisible();
  await expect(giulia.getByRole("status").first()).toContainText("aspetta di essere usato");
  await look(giulia, "the sheet of a link");
  const address = new URL(await giulia.getByRole("link", { name: /^https:\/\/t\.me\// }).innerText());
  await town.chat(ada, `/start ${address.searchParams.get("start")}`);
  const told = await town.chatTo(ada, (m) => m.text.includes("Abbiamo collegato"));
  expect(told.text).toContain("@p•••.example");
  expect(told.text).not.toContain(ada.mail);
  expect(told.text).not.toContain("Conti");
  await expect(giulia.locator("#link-state")).toContainText("Collegato"); // by itself
  await giulia.getByRole("link", { name: "Torna alla scheda" }).click();
  await expect(giulia.locator("#link")).toContainText("Collegato");
  await look(giulia, "a person with a linked chat");
});

test("what is not read is counted on the rail", async ({ town, desk }) => {
  const gino = citizen("Gino Serra");
  const paolo = await desk("paolo");
  await openLive(paolo, "/people"); // a page without the list hears of it too
  const before = parseInt(await paolo.locator("#tally").textContent(), 10);
  await town.mail(gino, { subject: "Fontana chiusa di Gino", text: "La fontana è chiusa." });
  await expect(paolo.locator("#tally")).toContainText(String(before + 1));
  const giulia = await desk("giulia");
  await openCase(giulia, "Fontana chiusa di Gino");
  await expect(row(giulia, "Fontana chiusa di Gino")).not.toHaveClass(/unread/);
  await expect(paolo.locator("#tally")).not.toContainText(String(before + 1));
});

test("earlier messages come above what is read, which stays where it is", async ({ town, desk }) => {
  test.setTimeout(180_000);
  const lina = citizen("Lina Poli");
  const giulia = await desk("giulia");
  await town.mail(lina, { subject: "Una pratica lunga", text: "La prima di tutte." });
  const number = await openCase(giulia, "Una pratica lunga");
  await giulia.evaluate(async (n) => {
    for (let i = 0; i < 230; i++) {
      const form = new FormData();
      form.set("text", `nota ${String(i).padStart(3, "0")}`);
      form.set("compose", "note");
      const answer = await fetch(`/cases/${n}/note`, { method: "POST", body: form });
      if (!answer.ok) throw new Error(`${answer.status}`);
    }
  }, number);
  await giulia.goto(`/cases?case=${number}`);
  const first = giulia.locator("#timeline > li:not(.day) .plain").first();
  const text = await first.innerText();
  const older = giulia.locator("#older-entries a");
  await older.scrollIntoViewIfNeeded();
  const read = giulia.locator("#timeline .plain", { hasText: text });
  const place = (await read.boundingBox()).y;
  await older.click();
  await expect(giulia.locator("#timeline")).toContainText("La prima di tutte.");
  await expect.poll(async () => Math.abs((await read.boundingBox()).y - place)).toBeLessThan(60);
  const ids = await giulia.locator("#timeline > li").evaluateAll((all) => all.map((li) => li.id));
  expect(new Set(ids).size).toBe(ids.length);
  await town.mail(lina, { subject: "Re: Una pratica lunga", text: "Un’altra ancora.", answers: await town.letterBy(lina, (l) => l.automatic) });
  await expect(giulia.locator("#timeline")).toContainText("Un’altra ancora."); // still live
  await expect(giulia.locator("#older-entries")).toHaveCount(0);
});
