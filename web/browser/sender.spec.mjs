// Who wrote: senders who look like an office, and mails that a colleague forwarded.
import { entry, expect, look, openCase, row, send, test } from "./desk.mjs";
import { citizen } from "./town.mjs";

test("a sender who poses as an office stands out until somebody has looked, by keyboard alone", async ({ town, desk }) => {
  const false_ = { name: "Ufficio Tributi", mail: "avvisi@comune-pontelieto.example" };
  const page = await desk("giulia");
  await town.mail(false_, { subject: "Rimborso urgente", text: "Mandate l’IBAN." });
  await openCase(page, "Rimborso urgente");
  await expect(row(page, "Rimborso urgente")).toContainText("Mittente dubbio");
  const box = page.getByRole("region", { name: "Mittente da guardare" });
  await expect(box).toContainText("somiglia a quelli del Comune");
  await expect(page.locator("#case-head")).toContainText("Mittente dubbio");
  const note = page.locator("#alike-note"); // beside the reply box, whatever the timeline shows
  await expect(note).toContainText(`Stai per rispondere a ${false_.mail}`);
  await expect(note).toBeInViewport();
  await look(page, "a case with a sender to look at");
  await note.getByRole("link", { name: "Guarda e decidi" }).click();
  await expect(box).toBeInViewport();
  await box.getByRole("button", { name: "È un falso" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("#flash")).toContainText("ora va in quarantena");
  await expect(entry(page, "Mandate l’IBAN")).toContainText("Segnalato come falso");
  await expect(note).toContainText("è un mittente falso: non rispondere");
  await town.mail(false_, { subject: "Ultimo avviso", text: "Subito." });
  await expect(async () => {
    await page.goto("/quarantine");
    await expect(page.getByRole("link", { name: "Ultimo avviso" })).toBeVisible({ timeout: 500 });
  }).toPass();
  await look(page, "the quarantine with a held sender");
  await page.getByRole("button", { name: "Non trattenere più" }).click();
  await expect(page.locator("#flash")).toContainText("diventeranno pratiche");
});

test("a mail that a colleague forwarded becomes the citizen’s with one click, and back", async ({ town, desk }) => {
  const marco = { name: "Marco Tonelli", mail: "marco.tonelli@comune.pontelieto.example" };
  const anna = citizen("Anna Verdi");
  const page = await desk("giulia");
  await town.mail(marco, { subject: "I: Buca in via Verdi", text: `Ci pensate voi?\n\n________________________________\nDa: Anna Verdi <${anna.mail}>\nInviato: ieri\nA: Marco Tonelli\nOggetto: Buca in via Verdi\n\nC’è una buca.` });
  await openCase(page, "Buca in via Verdi");
  await expect(page.getByText("Marco Tonelli ha inoltrato un messaggio di Anna Verdi.")).toBeVisible();
  await look(page, "a case with a forwarded mail");
  await page.getByRole("button", { name: "La pratica è di Anna Verdi" }).click();
  await expect(page.locator("#flash")).toContainText("ora è di Anna Verdi");
  await page.locator("#flash").getByRole("button", { name: "Annulla" }).click();
  await expect(page.getByRole("button", { name: "La pratica è di Anna Verdi" })).toBeVisible();
  await page.getByRole("button", { name: "La pratica è di Anna Verdi" }).click();
  await expect(page.locator("#composer")).toContainText(anna.mail);
  await send(page, "Veniamo domani.");
  await expect(entry(page, "Veniamo domani.")).toBeVisible();
});
