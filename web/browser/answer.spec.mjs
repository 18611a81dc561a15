// Answering: what stops a message, what brings it back, what did not arrive.
import { entry, expect, look, openCase, row, send, test } from "./desk.mjs";
import { citizen } from "./town.mjs";

test("a sending is undone: the text comes back and nothing leaves", async ({ town, desk }) => {
  const piero = citizen("Piero Gatti");
  const page = await desk("giulia");
  await town.mail(piero, { subject: "Orario della biblioteca", text: "Quando apre la biblioteca?" });
  await openCase(page, "Orario della biblioteca");
  await page.locator("#text").fill("Apre alle 9, tutti i giorni.");
  await page.keyboard.press("Control+Enter");
  await expect(page.locator(".undo")).toContainText("Parte tra poco per Piero Gatti");
  await page.locator(".undo").getByRole("button", { name: "Annulla" }).hover(); // the count waits
  await look(page, "the bar to undo");
  await page.locator(".undo").getByRole("button", { name: "Annulla" }).click();
  await expect(page.locator("#text")).toHaveValue("Apre alle 9, tutti i giorni.");
  await expect(page.locator(".undo")).toHaveCount(0);
  // what is sent now is the first that he gets, the receipt apart
  await page.locator("#text").fill("Apre alle 9, dal lunedì al venerdì.");
  await page.keyboard.press("Control+Enter");
  const letter = await town.letterBy(piero, (l) => !l.automatic);
  expect(letter.text).toContain("dal lunedì al venerdì");
  expect(letter.text).not.toContain("tutti i giorni");
  expect((await town.letters(piero, 1)).filter((l) => !l.automatic)).toHaveLength(1);
});

test("the pointer that rests where Invia was does not hold the message back", async ({ town, desk }) => {
  const nina = citizen("Nina Gallo");
  const page = await desk("giulia");
  await town.mail(nina, { subject: "Sala civica", text: "Si può avere la sala civica?" });
  await openCase(page, "Sala civica");
  await send(page, "Sì, scriva a noi due settimane prima.");
  const letter = await town.letterBy(nina, (l) => !l.automatic);
  expect(letter.text).toContain("due settimane prima");
  await expect(page.locator("#composer .tools button.send")).toBeVisible();
});

test("a newer message stops an answer until it was read", async ({ town, desk }) => {
  const aldo = citizen("Aldo Serra");
  const page = await desk("giulia", { allow: /status of 409/ });
  await town.mail(aldo, { subject: "Lampione spento", text: "In via Verdi il lampione è spento." });
  await openCase(page, "Lampione spento");
  await page.locator("#text").fill("Mandiamo qualcuno in via Verdi.");
  await expect(page.locator("#draft-state")).toContainText("Bozza salvata");
  const receipt = (await town.letters(aldo, 1))[0];
  await town.mail(aldo, { subject: `Re: ${receipt.subject}`, text: "Mi correggo: è via Bianchi!", answers: receipt });
  await expect(page.locator("#stop")).toContainText("Aldo Serra ha scritto ancora");
  await expect(entry(page, "è via Bianchi")).toBeVisible();
  await expect(page.locator("#text")).toHaveValue("Mandiamo qualcuno in via Verdi.");
  await look(page, "stopped by a newer message");
  await page.keyboard.press("Control+Enter"); // does nothing while it is stopped
  await page.locator("#stop").getByRole("button", { name: "Ho letto" }).click();
  await expect(page.locator("#stop")).toBeEmpty();
  await send(page, "Mandiamo qualcuno in via Bianchi.");
  const letter = await town.letterBy(aldo, (l) => !l.automatic);
  expect(letter.text).toContain("via Bianchi");
  expect(letter.text).not.toContain("qualcuno in via Verdi");
});

test("a stop is held by the server when the page has not heard of the news", async ({ town, desk }) => {
  const ivo = citizen("Ivo Marini");
  const page = await desk("giulia", { allow: /status of 409/ });
  await town.mail(ivo, { subject: "Fontana in piazza", text: "La fontana perde." });
  await openCase(page, "Fontana in piazza");
  await page.route(/\/cases\/.*\/live/, (route) => route.fulfill({ status: 204 })); // the page learns nothing of the case
  await page.locator("#text").fill("Grazie, la chiudiamo.");
  const receipt = (await town.letters(ivo, 1))[0];
  const other = await desk("davide");
  await openCase(other, "Fontana in piazza");
  await town.mail(ivo, { subject: `Re: ${receipt.subject}`, text: "Ora perde anche il tombino.", answers: receipt });
  await expect(entry(other, "anche il tombino")).toBeVisible();
  await page.locator("#composer").evaluate((f) => f.requestSubmit(f.querySelector(".tools button.send")));
  await expect(page.locator("#stop")).toContainText("Ivo Marini ha scritto ancora");
  expect((await town.letters(ivo, 1)).filter((l) => !l.automatic)).toHaveLength(0);
});

test("what did not arrive shows on the case, with the next step", async ({ town, desk }) => {
  const rosa = citizen("Rosa Villa");
  const page = await desk("giulia");
  await town.mail(rosa, { subject: "Certificato di residenza", text: "Come si chiede il certificato?" });
  await openCase(page, "Certificato di residenza");
  await town.letters(rosa, 1); // the receipt has left, the next is the answer
  await town.refuse(rosa);
  await send(page, "Può chiederlo allo sportello, oppure online.");
  const fail = page.locator("#timeline .msg-fail");
  await expect(fail).toContainText("Rosa Villa non si raggiunge più lì");
  await expect(fail).toContainText("Scegli un altro canale o telefona");
  await expect(fail).toContainText("550 5.1.1");
  await expect(entry(page, "Può chiederlo allo sportello").first()).toContainText("non consegnato");
  await expect(page.locator("#person-pane"), "it is known at once, without loading the page again").toContainText("respinge i messaggi");
  await look(page, "a failed delivery");
  await page.goto("/cases?view=failed");
  await expect(row(page, rosa)).toContainText("Consegna fallita");
  await look(page, "view of failed deliveries");
  // her mailbox is back: the message is sent again
  await row(page, rosa).locator("a.case").click();
  await fail.getByRole("button", { name: "Invia di nuovo" }).click();
  const letter = await town.letterBy(rosa, (l) => !l.automatic);
  expect(letter.text).toContain("Può chiederlo allo sportello");
  await expect(entry(page, "Può chiederlo allo sportello").first()).toContainText("accettato");
  await expect(page.locator("#timeline"), "the story keeps that it failed").toContainText("Inviato di nuovo: non era stato consegnato");
});

test("whoever blocks the bot is not written to there", async ({ town, desk }) => {
  const ugo = citizen("Ugo Leone");
  const page = await desk("giulia");
  await town.chat(ugo, "Buongiorno, quando passa il camion del verde?");
  await openCase(page, "il camion del verde");
  await send(page, "Passa il mercoledì.");
  await town.chatTo(ugo, (m) => m.text.includes("Passa il mercoledì"));
  await town.block(ugo);
  await expect(async () => {
    await page.reload();
    await expect(page.locator("#person-pane")).toContainText("bloccato", { timeout: 500 });
  }).toPass();
  await look(page, "somebody who blocked the bot");
});

test("a note stays in the house", async ({ town, desk }) => {
  const ada = citizen("Ada Longo");
  const page = await desk("giulia");
  await town.mail(ada, { subject: "Sepoltura", text: "Vorrei informazioni." });
  await openCase(page, "Sepoltura");
  await page.locator("#composer").getByRole("link", { name: "Nota interna" }).click();
  await expect(page.locator("#composer")).toHaveAttribute("data-mode", "note");
  await look(page, "writing a note");
  await send(page, "Ha perso il marito da poco: chiamiamola noi.");
  await expect(entry(page, "chiamiamola noi")).toContainText("nota interna, non la vede il cittadino");
  await look(page, "a note on the case");
  const colleague = await desk("davide");
  await openCase(colleague, "Sepoltura");
  await expect(entry(colleague, "chiamiamola noi")).toBeVisible();
  expect((await town.letters(ada, 1)).filter((l) => !l.automatic)).toHaveLength(0);
});

test("ready texts, files and drafts", async ({ town, desk }) => {
  const carlo = citizen("Carlo Fabbri");
  const page = await desk("giulia");
  await town.mail(carlo, { subject: "Passo carraio", text: "Che cosa serve?" });
  const number = await openCase(page, "Passo carraio");
  const text = page.locator("#text");
  await text.focus();
  await page.keyboard.type("/integ");
  await expect(page.locator("#picker [role=option]").first()).toContainText("/integrazione");
  await look(page, "the list of ready texts");
  await page.keyboard.press("Enter");
  await expect(text).toHaveValue(/^Per andare avanti ci serve ancora un documento: \{documento\}/);
  await page.keyboard.type("la planimetria"); // the gap is selected
  await expect(text).toHaveValue(/un documento: la planimetria\. Può/);
  await page.locator("#composer input[type=file]").setInputFiles({ name: "modulo passo carraio.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n%%EOF\n") });
  await expect(page.locator("#draft-files")).toContainText("modulo passo carraio.pdf");
  await expect(page.locator("#draft-state")).toContainText("Bozza salvata");
  await look(page, "a draft with a file");
  await page.goto(`/cases?view=office&case=${number}`);
  await expect(text).toHaveValue(/la planimetria/);
  await expect(page.locator("#draft-files")).toContainText("modulo passo carraio.pdf");
  await text.focus();
  await page.keyboard.press("Control+Enter");
  const letter = await town.letterBy(carlo, (l) => !l.automatic);
  expect(letter.files).toEqual(["modulo passo carraio.pdf"]);
  expect(letter.text).toContain("la planimetria");
});

test("two colleagues on one case see each other, and the second is stopped", async ({ town, desk }) => {
  const elsa = citizen("Elsa Monti");
  await town.mail(elsa, { subject: "Mensa scolastica", text: "Quanto costa la mensa?" });
  const giulia = await desk("giulia");
  const davide = await desk("davide");
  await openCase(giulia, "Mensa scolastica");
  await giulia.locator("#text").pressSequentially("La mensa costa");
  await openCase(davide, "Mensa scolastica");
  await expect(davide.locator("#stop")).toContainText("Giulia Moretti sta rispondendo");
  await look(davide, "stopped by a colleague");
  await davide.locator("#stop").getByRole("button", { name: "Rispondo io" }).click();
  await expect(davide.locator("#stop")).toBeEmpty();
  await davide.locator("#text").fill("La mensa costa 4 euro e 80 al pasto.");
  await davide.keyboard.press("Control+Enter");
  const letter = await town.letterBy(elsa, (l) => !l.automatic);
  expect(letter.text).toContain("4 euro e 80");
});
