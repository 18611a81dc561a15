// Certified mail on the case page: who vouches, each recipient's way with the
// provider's times, receipts behind a disclosure, alarms, and the proof.
import { readFileSync } from "node:fs";

import { entry, expect, look, openCase, phone, send, test, wide } from "./desk.mjs";

let people = 0;

/** Somebody with a certified mailbox; what becomes of mail to them goes by the name. */
function certified(name, box = "anna") {
  return { name, pec: `${box}${++people}@pec.cittadini.example` };
}

for (const [how, size] of [["wide", wide], ["narrow", phone]]) {
  test(`a certified letter and its answer, ${how}`, async ({ town, desk }) => {
    const anna = certified("Anna Verdi");
    const subject = `Accesso agli atti ${how}`;
    await town.certified(anna, { subject, text: "Buongiorno,\nchiedo copia del permesso." });
    const page = await desk("giulia", { size });
    await openCase(page, subject);
    const letter = entry(page, "chiedo copia del permesso");
    await expect(letter).toContainText(`Mittente certificato ${anna.pec}`);
    await expect(letter).toContainText("Firma valida di Gestore di prova");
    await send(page, "Ecco la copia.");
    const answer = entry(page, "Ecco la copia.");
    await expect(answer).toContainText("accettata dal gestore");
    await expect(answer).toContainText("consegnata in casella");
    const receipts = answer.locator(".receipts-of");
    await expect(receipts.getByRole("link", { name: "Avvenuta consegna" })).toBeHidden();
    await receipts.locator("summary").focus();
    await page.keyboard.press("Enter");
    await expect(receipts.getByRole("link")).toHaveText(["Accettazione", "Avvenuta consegna"]);
    await expect(receipts.locator("li").last()).toContainText("firma valida");
    await page.keyboard.press("Tab");
    await expect(receipts.getByRole("link", { name: "Accettazione" })).toBeFocused();
    const receipt = await download(page, () => page.keyboard.press("Enter"));
    expect(receipt.toString()).toMatch(/^X-Ricevuta: accettazione\r$/m);
    await look(page, `certified ${how}`);
    const proof = await download(page, () => answer.getByRole("link", { name: "Pacchetto di prova" }).click());
    expect(proof.subarray(0, 2).toString()).toBe("PK");
    for (const name of ["inviato-01.eml", "ricevute/01-accettazione.eml", "ricevute/02-avvenuta-consegna.eml", "SHA256SUMS", "index.html"]) expect(proof.includes(name)).toBe(true);
  });

  test(`what is not certified says so, ${how}`, async ({ town, desk }) => {
    const page = await desk("giulia", { size });
    const luca = certified("Luca Neri", "luca");
    await town.certified(luca, { subject: `Orari ${how}`, text: "Buongiorno,\nquando aprite?", how: "anomaly" });
    await openCase(page, `Orari ${how}`);
    await expect(entry(page, "quando aprite?")).toContainText("Posta ordinaria, non certificata");
    await expect(entry(page, "quando aprite?")).not.toContainText("Mittente certificato");
    await look(page, `anomaly ${how}`);
    const banca = certified("Banca Sicura", "avvisi");
    await town.certified(banca, { subject: `Conto ${how}`, text: "Buongiorno,\nconfermate i dati.", how: "forged" });
    await openCase(page, `Conto ${how}`);
    const forged = entry(page, "confermate i dati");
    await expect(forged).toContainText(`Mittente dichiarato ${banca.pec}, non provato`);
    await expect(forged).toContainText("il contenuto è stato cambiato dopo la firma");
    await expect(forged).toContainText("questo messaggio non prova nulla");
    await look(page, `forged ${how}`);
  });

  test(`what nobody vouches for waits with its claim, ${how}`, async ({ town, desk }) => {
    const page = await desk("giulia", { size });
    const list = certified("Consorzio Irriguo", "consorzio");
    const subject = `Convocazione ${how}`;
    await town.certified(list, { subject, text: "Buongiorno,\nl’assemblea è venerdì.", how: "listed" });
    await expect(async () => {
      await page.goto("/quarantine?why=pec_not_proven");
      await expect(page.getByRole("link", { name: subject })).toBeVisible({ timeout: 500 });
    }).toPass();
    await look(page, `not proven, the list, ${how}`);
    await page.getByRole("link", { name: subject }).click();
    await expect(page.locator("body")).toContainText(`per conto di ${list.pec}`);
    await expect(page.getByLabel("Trattieni anche")).toHaveCount(0);
    const inside = page.getByRole("listitem").filter({ hasText: "postacert.eml" });
    await expect(inside).toContainText("si apre dopo il rilascio");
    await inside.locator("summary").focus();
    await page.keyboard.press("Enter");
    await expect(inside).toContainText("l’assemblea è venerdì");
    await look(page, `not proven ${how}`);
  });

  test(`what did not arrive opens the case again with another way, ${how}`, async ({ town, desk }) => {
    const page = await desk("giulia", { size });
    const gone = certified("Edil Rossi", "sparita");
    await town.certified(gone, { subject: `Cantiere ${how}`, text: "Buongiorno,\nsi comunica l’inizio dei lavori." });
    await openCase(page, `Cantiere ${how}`);
    await send(page, "Manca la firma.");
    await expect(entry(page, "Manca la firma.").locator(".steps-pec")).toContainText("non consegnata");
    await expect(page.locator("#timeline .msg-fail")).toContainText("Edil Rossi non si raggiunge più lì");
    await look(page, `failed ${how}`);

    const mute = certified("Studio Muto", "muta");
    await town.certified(mute, { subject: `Variante ${how}`, text: "Buongiorno,\nsi trasmettono osservazioni." });
    await openCase(page, `Variante ${how}`);
    await send(page, "Sono arrivate.");
    await expect(entry(page, "Sono arrivate.").locator(".steps-pec")).toContainText("in attesa di accettazione");
    await town.overdue();
    await expect(page.locator("#timeline .msg-fail")).toContainText("Nessuna accettazione da oltre 20 minuti per la PEC a Studio Muto");
    await look(page, `alarm ${how}`);
  });
}

test("a new certified mailbox is filled from its provider, by keyboard alone", async ({ desk }) => {
  const page = await desk("fabio");
  await page.goto("/channels/new?kind=pec");
  await page.locator("#f-preset").focus();
  await page.keyboard.type("InfoCert");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "codice che comincia per M" })).toBeVisible();
  await expect(page.locator('[name="set.imap_host"]')).toHaveValue("mbox.cert.legalmail.it");
  await look(page, "new certified mailbox");
  await page.setViewportSize(phone);
  await look(page, "new certified mailbox on a phone");
});

/** The bytes of what a click or key downloads. */
async function download(page, act) {
  const [got] = await Promise.all([page.waitForEvent("download"), act()]);
  return readFileSync(await got.path());
}
