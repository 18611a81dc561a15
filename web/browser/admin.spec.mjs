// Administration and channels: each page is opened, each form is used.
import { expect, look, openCase, row, test } from "./desk.mjs";
import { citizen } from "./town.mjs";

test("offices and operators are made, and the new one logs in", async ({ town, desk }) => {
  const page = await desk("fabio", { allow: /status of 422/ });
  await page.goto("/admin/offices");
  await look(page, "offices");
  await page.getByRole("link", { name: "Nuovo ufficio" }).click();
  await look(page, "new office");
  await page.locator("#f-name").fill("Ambiente");
  await page.getByRole("button", { name: "Salva" }).click();
  await expect(page.locator("#flash")).toContainText("Salvato");
  await expect(page.getByRole("link", { name: "Ambiente" })).toBeVisible();
  await page.getByRole("link", { name: "Ambiente" }).click();
  await look(page, "an office");

  await page.goto("/admin/operators");
  await look(page, "operators");
  await page.getByRole("link", { name: "Nuova persona" }).click();
  await look(page, "new operator");
  await page.locator("#f-name").fill("Silvia Neri");
  await page.locator("#f-login").fill("giulia"); // taken
  await page.locator("#f-password").fill(town.password);
  await page.getByRole("checkbox", { name: /Ambiente.*back office|back office.*Ambiente/i }).check();
  await page.getByRole("button", { name: "Salva" }).click();
  await expect(page.locator("#faults")).toBeFocused();
  await look(page, "operator with a fault");
  await page.locator("#f-login").fill("silvia");
  await page.locator("#f-password").fill(town.password);
  await page.getByRole("button", { name: "Salva" }).click();
  await expect(page.locator("#flash")).toContainText("Salvato");
  await page.getByRole("link", { name: "Silvia Neri" }).click();
  await look(page, "an operator");

  const silvia = await desk("silvia");
  await silvia.goto("/cases?view=office");
  await expect(silvia.locator(".empty").first()).toContainText("non ha pratiche");
  await look(silvia, "an inbox without cases");
});

test("a rule is made, tried on the last month, and works", async ({ town, desk }) => {
  const tullio = citizen("Tullio Berti");
  await town.mail(tullio, { subject: "Nido di calabroni", text: "Sotto il tetto della scuola." });
  const giulia = await desk("giulia");
  const number = await openCase(giulia, "Nido di calabroni");

  const page = await desk("fabio");
  await page.goto("/admin/rules");
  await look(page, "rules");
  await page.getByRole("link", { name: "Nuova regola" }).click();
  await look(page, "new rule");
  await page.locator("#f-name").fill("Calabroni ai Tributi");
  await page.getByLabel("Condizione 1: che cosa").first().selectOption("words");
  await expect(page.getByLabel("Condizione 1: confronto").first().locator("option[value=any]")).toBeAttached();
  await page.getByLabel("Condizione 1: confronto").first().selectOption("any");
  await page.getByLabel("Condizione 1: valore").first().fill("calabrone");
  await page.getByLabel("Azione 1", { exact: true }).selectOption("office");
  await page.locator("select").and(page.getByLabel("Azione 1: valore")).selectOption({ label: "Tributi" });
  await page.getByRole("button", { name: "Che cosa avrebbe fatto" }).click();
  await expect(page.locator("#trial")).toContainText(number);
  await expect(page.locator("#trial")).not.toContainText("Nido di calabroni"); // who administers reads no contents
  await look(page, "a rule that is tried");
  await page.getByRole("button", { name: "Salva" }).click();
  await expect(page.locator("#flash")).toContainText("Salvato");
  await look(page, "rules, one more");
  const item = page.locator(".rules > li").filter({ hasText: "Calabroni ai Tributi" });
  for (const place of [2, 1]) { // before the rules that stop
    await item.getByRole("button", { name: "Sposta su" }).click();
    await expect(page.locator(".rules > li").nth(place)).toContainText("Calabroni ai Tributi");
  }
  await town.mail(tullio, { subject: "Altri calabroni", text: "Adesso sono due nidi." });
  const elena = await desk("elena");
  await openCase(elena, "Altri calabroni");
});

test("the text of the receipt is changed with a preview, and is what citizens get", async ({ town, desk }) => {
  const page = await desk("fabio", { allow: /status of 422/ });
  await page.goto("/admin/texts");
  await look(page, "texts");
  await page.goto("/admin/texts/receipt/mail/it");
  await look(page, "a text");
  const body = page.locator("#f-body");
  const before = (await body.inputValue()).trim();
  await body.fill("{{.Inventata}} {inventata}");
  await expect(page.locator("#preview .field-fault")).toBeVisible();
  await page.getByRole("button", { name: "Salva" }).click();
  await expect(page.locator("#faults")).toBeFocused();
  await look(page, "a text with a fault");
  await body.fill(`${before}\n\nSaluti da Pontelieto.`);
  await expect(page.locator("#preview")).toContainText("Saluti da Pontelieto.");
  await look(page, "a text with its preview");
  await page.getByRole("button", { name: "Salva" }).click();
  await expect(page.locator("#flash")).toContainText("Salvato");
  const nora = citizen("Nora Bondi");
  await town.mail(nora, { subject: "Dopo il cambio", text: "Prova." });
  expect((await town.letters(nora, 1))[0].text).toContain("Saluti da Pontelieto.");
});

test("a token is made, works, and is revoked", async ({ town, desk }) => {
  const page = await desk("fabio");
  await page.goto("/admin/tokens");
  await look(page, "tokens");
  await page.locator("#f-name").fill("Cruscotto");
  await page.locator("[name=scope]").first().check();
  await page.getByRole("button", { name: "Crea il token" }).click();
  const secret = (await page.locator("#fresh").textContent()).trim();
  await look(page, "a fresh token");
  const ask = () => fetch(`${town.url}/api/v1/cases`, { headers: { Authorization: `Bearer ${secret}` } });
  expect((await ask()).status).not.toBe(401);
  await page.goto("/admin/tokens");
  await page.locator("tr").filter({ hasText: "Cruscotto" }).locator("summary").click();
  await look(page, "revoking a token");
  await page.locator("tr").filter({ hasText: "Cruscotto" }).getByRole("button", { name: /Revoca/ }).click();
  await expect(page.locator("tr").filter({ hasText: "Cruscotto" })).toContainText("revocato");
  expect((await ask()).status).toBe(401);
});

test("the register tells who read a person's file", async ({ town, desk }) => {
  const irma = citizen("Irma Testa");
  await town.mail(irma, { subject: "Contributo affitto", text: "Vorrei sapere." });
  const giulia = await desk("giulia");
  const number = await openCase(giulia, "Contributo affitto");
  await giulia.locator("#person-pane").getByRole("link", { name: "Apri" }).click();
  await expect(giulia.getByRole("heading", { level: 1 })).toHaveText("Irma Testa");
  const page = await desk("paolo");
  await page.goto("/admin/events");
  await look(page, "register");
  await page.goto(`/admin/events?number=${number}`);
  await expect(page.locator(".audit")).toContainText("Giulia Moretti");
  await look(page, "register of one case");
});

test("channels are tried, paused and resumed", async ({ desk }) => {
  const page = await desk("fabio");
  await page.goto("/channels");
  await look(page, "channels");
  const card = page.locator(".channel").filter({ hasText: "Posta dei Tributi" });
  await card.getByRole("button", { name: "Prova" }).click();
  await expect(card.getByRole("status")).toBeVisible();
  await look(page, "a channel that was tried");
  await card.getByRole("button", { name: "Pausa" }).click();
  await expect(card).toContainText("In pausa");
  await look(page, "a channel at rest");
  await card.getByRole("button", { name: "Riprendi" }).click();
  await expect(card).not.toContainText("In pausa");
  await card.getByRole("link", { name: "Impostazioni" }).click();
  await look(page, "a channel of the configuration file");
  await page.goto("/channels/new?kind=mail");
  await look(page, "new mailbox");
  await page.goto("/channels/new?kind=telegram");
  await look(page, "new bot");
});

test("only who administers may administer", async ({ desk }) => {
  for (const who of ["giulia", "elena", "nadia", "chiara"]) {
    const page = await desk(who, { allow: /status of 403/ });
    for (const path of ["offices", "operators", "rules", "tokens", "events"]) {
      expect((await page.goto(`/admin/${path}`)).status(), `${who} ${path}`).toBe(403);
    }
    if (who === "giulia") await look(page, "forbidden");
  }
});
