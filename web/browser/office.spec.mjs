// Offices: cases go from one to another and back, and nobody looks where they
// have no business.
import { entry, expect, look, openCase, row, send, settled, test } from "./desk.mjs";
import { citizen, socialBox, tributiBox } from "./town.mjs";

/** Hands the open case over, with the menu that O opens. */
async function handOver(page, office, reason) {
  await page.locator('details[data-menu="more"] > summary').click();
  const form = page.locator('[data-menu-part="o"]');
  await form.getByLabel("Passa a un altro ufficio").selectOption({ label: office });
  await form.getByLabel("Perché").fill(reason);
  await look(page, "handing over");
  await form.getByRole("button", { name: "Passa la pratica" }).click();
}

test("a case goes to Tributi with a reason, is accepted, and comes back", async ({ town, desk }) => {
  const anna = citizen("Anna Bassi");
  await town.mail(anna, { subject: "Pagato due volte", text: "Ho pagato due volte lo stesso bollettino dei rifiuti." });
  const giulia = await desk("giulia");
  const elena = await desk("elena");
  const number = await openCase(giulia, "Pagato due volte");
  await handOver(giulia, "Tributi", "È una doppia riscossione: la vede chi tiene i ruoli.");
  await expect(giulia.locator("#case-banners")).toContainText("In attesa che l’altro ufficio accetti");
  await look(giulia, "waiting for the other office");

  await elena.goto(`/cases?view=office&case=${number}`);
  const banner = elena.locator("#case-banners");
  await expect(banner).toContainText("URP passa la pratica a Tributi");
  await expect(banner).toContainText("doppia riscossione");
  await look(elena, "offered to this office");
  await banner.getByRole("button", { name: "Accetta" }).click();
  await expect(elena.locator("#timeline")).toContainText("Accettata da Tributi");
  await expect(elena.locator("#case-head")).toContainText("Tributi");
  await send(elena, "Le rimborsiamo il secondo pagamento.");
  const letter = await town.letterBy(anna, (l) => !l.automatic);
  expect(letter.text).toContain("Ufficio tributi");

  await handOver(elena, "URP", "Abbiamo risposto noi, la chiudete voi.");
  await giulia.goto(`/cases?view=office&case=${number}`);
  await expect(giulia.locator("#case-banners")).toContainText("Tributi passa la pratica a URP");
  await giulia.locator("#case-banners").getByRole("button", { name: "Accetta" }).click();
  await expect(giulia.locator("#timeline")).toContainText("Accettata da URP");
  await expect(entry(giulia, "Le rimborsiamo")).toBeVisible();
});

test("a case that is refused stays where it was", async ({ town, desk }) => {
  const olga = citizen("Olga Rizzi");
  await town.mail(olga, { subject: "Loculo", text: "Quando scade la concessione?" });
  const giulia = await desk("giulia");
  const elena = await desk("elena");
  const number = await openCase(giulia, "Loculo");
  await handOver(giulia, "Tributi", "Concessione cimiteriale.");
  await elena.goto(`/cases?view=office&case=${number}`);
  await elena.locator("#case-banners").getByLabel("Motivo, se la rimandi").fill("Le concessioni le tiene l’URP.");
  await elena.locator("#case-banners").getByRole("button", { name: "Rimanda" }).click();
  await giulia.goto(`/cases?view=office&case=${number}`);
  await expect(giulia.locator("#timeline")).toContainText("Rimandata da Tributi");
  await expect(giulia.locator("#timeline")).toContainText("Le concessioni le tiene");
  await expect(giulia.locator("#case-banners")).toBeEmpty();
});

test("a rule sends mail about taxes to Tributi, with a term", async ({ town, desk }) => {
  const dino = citizen("Dino Marchi");
  await town.mail(dino, { subject: "Bolletta TARI", text: "La cartella è troppo alta." });
  const elena = await desk("elena");
  await openCase(elena, "Bolletta TARI");
  await expect(elena.locator("#case-head")).toContainText("Scade tra");
});

test("other offices' cases are not there for who may not see them", async ({ town, desk }) => {
  const rino = citizen("Rino Colli");
  await town.mail(rino, { subject: "Assegno di cura", text: "Chiedo l’assegno per mia madre.", box: socialBox });
  const marta = await desk("marta");
  const number = await openCase(marta, "Assegno di cura");
  await look(marta, "a reserved office's case");
  for (const who of ["giulia", "elena", "fabio"]) {
    const page = await desk(who, { allow: /status of 40[34]/ });
    expect((await page.goto(`/cases/${number}`)).status(), who).toBe(404);
    await look(page, "not found");
    for (const part of ["live", "composer?compose=reply"]) expect((await page.request.get(`/cases/${number}/${part}`)).status(), `${who} ${part}`).toBe(404);
    await page.goto(`/cases?view=office&case=${number}`);
    await expect(page.locator("body")).not.toContainText("Assegno di cura");
    await look(page, "a case that may not be shown");
  }
  // a back office does not see the front office's either
  const lea = citizen("Lea Fonti");
  await town.mail(lea, { subject: "Panchina rotta", text: "In piazza Roma." });
  const other = await openCase(await desk("giulia"), "Panchina rotta");
  const elena = await desk("elena", { allow: /status of 404/ });
  expect((await elena.goto(`/cases/${other}`)).status()).toBe(404);
  await elena.goto("/search?q=panchina");
  await expect(elena.locator("body")).not.toContainText("Panchina rotta");
});

test("assign, snooze, wake, close and open again", async ({ town, desk }) => {
  const elio = citizen("Elio Santi");
  await town.mail(elio, { subject: "Buca in via Manin", text: "C’è una buca." });
  const page = await desk("giulia");
  await openCase(page, "Buca in via Manin");
  await page.locator('details[data-menu="a"] > summary').click();
  await look(page, "menu to assign");
  await page.locator('details[data-menu="a"]').getByRole("button", { name: "Davide Riva" }).click();
  await expect(page.locator("#timeline")).toContainText("Assegnata a Davide Riva");
  await expect(page.locator("#flash")).toContainText("assegnata a Davide Riva");
  await page.locator('details[data-menu="s"] > summary').click();
  await look(page, "menu to snooze");
  await page.getByRole("button", { name: "Domani mattina" }).click();
  await expect(page.locator("#timeline")).toContainText("Posticipata");
  await openCase(page, "Buca in via Manin", "snoozed");
  await page.getByRole("button", { name: "Riprendi ora" }).click();
  await expect(page.locator("#timeline")).toContainText("Di nuovo tra quelle da fare");
  await page.locator('details[data-menu="e"] > summary').click();
  await page.locator("#close-outcome").selectOption({ label: "Risolto" });
  await page.locator("#close-note").fill("Asfaltata ieri.");
  await look(page, "menu to close");
  await page.locator('details[data-menu="e"]').getByRole("button", { name: "Chiudi la pratica" }).click();
  await expect(page.locator("#timeline")).toContainText("Chiusa: Risolto");
  await openCase(page, "Buca in via Manin", "closed");
  await expect(page.locator("#composer .send")).toContainText("Invia e riapri");
  await look(page, "a closed case");
  await page.getByRole("button", { name: "Riapri", exact: true }).click();
  await expect(page.locator("#timeline")).toContainText("Riaperta");
});

test("several cases at once", async ({ town, desk }) => {
  const [ida, emma] = [citizen("Ida Ratti"), citizen("Emma Zani")];
  await town.mail(ida, { subject: "Gatti randagi", text: "Ci sono gatti." });
  await town.mail(emma, { subject: "Colonia felina", text: "Chi la segue?" });
  const page = await desk("giulia");
  await openCase(page, "Gatti randagi");
  await openCase(page, "Colonia felina");
  await row(page, "Gatti randagi").locator(".tick").check({ force: true });
  await row(page, "Colonia felina").locator(".tick").check({ force: true });
  await expect(page.locator(".bulk-count")).toHaveText("2 scelte");
  await look(page, "two cases chosen");
  await page.getByRole("button", { name: "Prendi" }).click();
  await expect(page.locator("#flash")).toContainText("Fatto per 2 pratiche");
  await page.goto("/cases?view=mine");
  await expect(row(page, "Gatti randagi")).toBeVisible();
  await expect(row(page, "Colonia felina")).toBeVisible();
});

for (const how of ["changes", "leaves the list"]) {
  test(`a row that ${how} while its case is being opened`, async ({ town, desk }) => {
    const rosa = citizen("Rosa Galli");
    const subject = `Piccioni, riga che ${how}`;
    await town.mail(rosa, { subject, text: "Sono tanti." });
    const page = await desk("giulia");
    await page.goto("/cases?view=office");
    const mine = row(page, subject);
    await expect(async () => {
      if (await page.locator("#arrivals").isVisible()) await page.locator("#arrivals").click();
      await expect(mine).toBeVisible({ timeout: 1000 });
    }).toPass();
    const [receipt] = await town.letters(rosa, 1);
    await settled(page);
    let open;
    const held = new Promise((done) => { open = done; });
    await page.route(/[?&]case=/, async (r) => { await held; await r.continue(); });
    const asked = page.waitForRequest(/[?&]case=/);
    await mine.locator("a.case").click();
    await asked;
    if (how === "changes") {
      await town.mail(rosa, { subject: `Re: ${subject}`, text: "Adesso sono di più.", answers: receipt });
      await expect(mine).toContainText("Adesso sono di più");
    } else {
      await mine.evaluate((li) => li.remove());
    }
    open();
    await expect(page.locator("#case-title")).toHaveText(subject);
    expect(await page.locator("#work").count()).toBe(1);
    expect(await page.locator("nav.rail, #list").count()).toBe(await page.locator("nav.rail").count() + 1);
    await page.unrouteAll({ behavior: "wait" });
  });
}

test("two cases about one thing become one", async ({ town, desk }) => {
  const nino = citizen("Nino Carli");
  await town.mail(nino, { subject: "Semaforo lento", text: "Il semaforo è lento." });
  const page = await desk("giulia");
  const first = await openCase(page, "Semaforo lento");
  await town.mail(nino, { subject: "Incrocio pericoloso", text: "Sempre lì." });
  await openCase(page, "Incrocio pericoloso");
  await page.locator('details[data-menu="more"] > summary').click();
  await page.getByLabel("Unisci a un’altra pratica").fill(first);
  await page.locator('[data-menu-part="m"]').getByRole("button", { name: "Unisci" }).click();
  await expect(page.locator("#flash")).toContainText(`unita a ${first}`);
  await page.goto(`/cases?view=office&case=${first}`);
  await expect(entry(page, "Sempre lì")).toBeVisible();
  await expect(entry(page, "Il semaforo è lento")).toBeVisible();
});

test("Tributi has a mailbox of its own", async ({ town, desk }) => {
  const vera = citizen("Vera Nobili");
  await town.mail(vera, { subject: "Visura", text: "Chiedo una visura.", box: tributiBox });
  const elena = await desk("elena");
  await openCase(elena, "Visura");
  await send(elena, "Eccola in allegato.");
  const letter = await town.letterBy(vera, (l) => !l.automatic);
  expect(letter.from).toContain("tributi@comune.pontelieto.example");
});
