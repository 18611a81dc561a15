// What the program does not trust waits for a person, and nothing is lost.
import { entry, expect, look, openCase, row, test } from "./desk.mjs";
import { citizen } from "./town.mjs";

// a robot's mail that answers nothing of ours
const robot = { headers: ["Auto-Submitted: auto-generated"] };

/** Opens what waits under a subject, which may still be on its way. */
async function openHeld(page, subject) {
  await expect(async () => {
    await page.goto("/quarantine");
    await expect(page.getByRole("link", { name: subject })).toBeVisible({ timeout: 500 });
  }).toPass();
  await look(page, "quarantine");
  await page.getByRole("link", { name: subject }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(subject);
}

test("what is held is looked at safely and released into a case", async ({ town, desk }) => {
  const gino = citizen("Gino Paoli");
  const page = await desk("giulia");
  await town.mail(gino, { subject: "Vinca il suo contributo", text: "Vorrei il contributo per l’affitto, grazie.", ...robot });
  await openHeld(page, "Vinca il suo contributo");
  await expect(page.locator("body")).toContainText("Avviso di un programma");
  await expect(page.locator("body")).toContainText("contributo per l’affitto");
  await look(page, "an item in quarantine");
  await page.getByRole("button", { name: "Rilascia" }).click();
  await expect(page.locator("#flash")).toContainText("Messaggio rilasciato");
  await openCase(page, "Vinca il suo contributo");
  await expect(entry(page, "contributo per l’affitto")).toBeVisible();
});

test("what is held is put into the case that it belongs to", async ({ town, desk }) => {
  const tea = citizen("Tea Moro");
  const page = await desk("giulia");
  await town.mail(tea, { subject: "Affido del cane", text: "Come si chiede l’affido?" });
  const number = await openCase(page, "Affido del cane");
  await town.mail(tea, { subject: "Allegato che mancava", text: "Ecco il modulo.", ...robot });
  await openHeld(page, "Allegato che mancava");
  await page.locator("#q-case").fill(number);
  await page.getByRole("button", { name: "Unisci" }).click();
  await expect(page.locator("#flash")).toContainText(number);
  await page.goto(`/cases?view=office&case=${number}`);
  await expect(entry(page, "Ecco il modulo")).toBeVisible();
});

test("what is refused by mistake goes back, and what stays refused has a reason", async ({ town, desk }) => {
  const max = citizen("Max Offerte");
  const page = await desk("giulia");
  await town.mail(max, { subject: "Prestiti subito", text: "Clicca qui.", ...robot });
  await openHeld(page, "Prestiti subito");
  await page.locator("#q-reason").fill("Pubblicità");
  await page.getByRole("button", { name: "Rifiuta" }).click();
  await expect(page.locator("#flash")).toContainText("Messaggio rifiutato");
  await page.locator("#flash").getByRole("button", { name: "Annulla" }).click();
  await expect(page.locator("#flash")).toContainText("di nuovo in quarantena");
  await page.locator("#q-reason").fill("Pubblicità");
  await page.getByRole("button", { name: "Rifiuta" }).click();
  await page.getByRole("link", { name: "Decisi" }).click();
  await expect(page.locator(".decided", { hasText: "Prestiti subito" })).toContainText("Rifiutato da Giulia");
  await look(page, "what was decided of the quarantine");
  await page.locator("body").press("j");
  await expect(page.locator("[data-row]").first()).toBeFocused();
  await page.goto("/quarantine");
  await expect(page.getByRole("link", { name: "Prestiti subito" })).toHaveCount(0);
  await page.goto("/cases?view=office");
  await expect(row(page, "Prestiti subito")).toHaveCount(0);
});
