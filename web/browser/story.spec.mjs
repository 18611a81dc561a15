// The main job, as staff live it: what one citizen says by mail, in the chat and
// at the counter becomes one record, and answers arrive where they wrote.
import { entry, expect, look, openCase, row, send, test } from "./desk.mjs";
import { citizen } from "./town.mjs";

test("mail, chat and visit of one person meet in one record", async ({ town, desk }) => {
  test.setTimeout(120_000);
  const lucia = citizen("Lucia Ferrante");
  const page = await desk(null, { allow: /status of 401/ });

  await test.step("a wrong password is refused, the right one opens the inbox", async () => {
    await page.goto("/cases?view=office");
    await expect(page).toHaveURL(/\/login\?next=/);
    await look(page, "log-in page");
    await page.getByLabel("Nome utente").fill("giulia");
    await page.getByLabel("Password").fill("non questa");
    await page.getByRole("button", { name: "Entra" }).click();
    await expect(page.getByRole("alert")).toContainText("Nome utente o password non corretti");
    await look(page, "log-in refused");
    await page.getByLabel("Password").fill(town.password);
    const hears = page.waitForResponse((r) => r.url().endsWith("/live"));
    await page.getByRole("button", { name: "Entra" }).click();
    await expect(page).toHaveURL(/\/cases\?view=office/);
    await hears;
    await look(page, "inbox without a case");
  });

  await test.step("a mail arrives on the open page", async () => {
    await page.evaluate(() => { window.notReloaded = true; });
    await town.mail(lucia, { subject: "Ponteggio in via Garibaldi", text: `Buongiorno,\nil ponteggio davanti al civico 12 occupa tutto il marciapiede.\nIl mio numero è ${lucia.phone}.\n\nLucia Ferrante` });
    await expect(row(page, "Ponteggio in via Garibaldi")).toContainText("Lucia Ferrante");
  });

  await test.step("what she says in the chat arrives too", async () => {
    await page.locator("#list-title").hover(); // nothing moves under the pointer
    await town.chat(lucia, `Buongiorno, sono Lucia Ferrante, ${lucia.phone}. Avete visto la mail sul ponteggio?`);
    await expect(page.locator("#arrivals")).toContainText("nuov");
    await page.locator("#arrivals").click();
    await expect(row(page, "Avete visto la mail")).toContainText("Telegram");
    expect(await page.evaluate(() => window.notReloaded)).toBe(true);
  });

  await test.step("she comes to the counter, and the reception writes it down", async () => {
    const nadia = await desk("nadia");
    await nadia.goto("/reception");
    await look(nadia, "reception");
    await nadia.getByLabel("Nome e cognome").fill("Lucia Ferrante");
    await nadia.getByLabel("Telefono", { exact: true }).fill(lucia.phone);
    await nadia.locator("#f-subject").fill("Ponteggio, porta la planimetria");
    await nadia.locator("#f-text").fill("Porta la planimetria del cantiere e chiede chi ha dato il permesso.");
    await nadia.locator("form[action='/reception'] button[value='open'], form[action='/reception'] .btn-primary").last().click();
    await expect(nadia.getByRole("status").filter({ hasText: "Lucia Ferrante" })).toBeVisible();
    await look(nadia, "reception, done");
  });

  await test.step("the link is proposed with its reasons, and a person confirms it", async () => {
    await openCase(page, "Ponteggio in via Garibaldi");
    const ask = page.locator("#person-pane .ask").first();
    await expect(ask).toContainText("stesso telefono");
    await look(page, "case with a proposal");
    while (await page.locator("#person-pane .ask").count() > 0) {
      await page.locator("#person-pane .ask").first().getByRole("link", { name: "Confronta" }).click();
      await expect(page.getByRole("heading", { name: "Lucia Ferrante" })).toBeVisible();
      await look(page, "person with a comparison");
      await page.getByRole("button", { name: "Unisci le schede" }).first().click();
      await expect(page.locator("#flash")).toContainText("Schede unite");
      await look(page, "person, merged");
      await openCase(page, "Ponteggio in via Garibaldi");
    }
  });

  await test.step("one person with three contacts", async () => {
    await page.locator("#person-pane").getByRole("link", { name: "Apri" }).click();
    await expect(page.locator("#identities")).toContainText(lucia.mail);
    await expect(page.locator("#identities")).toContainText("Telegram");
    await expect(page.locator("#cases li")).toHaveCount(3);
    for (const words of ["occupa tutto il marciapiede", "Avete visto la mail", "Porta la planimetria del cantiere"]) {
      await expect(page.locator("#history")).toContainText(words);
    }
    await look(page, "person with three contacts");
  });

  await test.step("the answer by mail arrives in her mailbox", async () => {
    await openCase(page, "Ponteggio in via Garibaldi");
    await expect(page.locator("#composer")).toContainText(lucia.mail);
    await send(page, "Gentile signora, il ponteggio è autorizzato fino a venerdì.");
    await expect(page.locator(".undo")).toBeVisible();
    await look(page, "sending, may be undone");
    const letter = await town.letterBy(lucia, (l) => !l.automatic);
    expect(letter.text).toContain("il ponteggio è autorizzato fino a venerdì");
    expect(letter.subject).toContain("Ponteggio in via Garibaldi");
    await expect(entry(page, "autorizzato fino a venerdì")).toContainText(/accettato|consegnato/);
  });

  await test.step("the answer in the chat arrives in her chat", async () => {
    await openCase(page, "Avete visto la mail");
    await send(page, "Sì, le abbiamo risposto per posta elettronica.");
    const said = await town.chatTo(lucia, (m) => m.text.includes("le abbiamo risposto"));
    expect(said.text).toContain("per posta elettronica");
    await expect(entry(page, "le abbiamo risposto")).toContainText(/inviato|accettato|consegnato/);
  });

  await test.step("the merge is undone, and the records are as before", async () => {
    const merges = page.locator("section").filter({ has: page.getByRole("heading", { name: "Unioni" }) });
    for (let left = 2; left > 0; left--) {
      await openCase(page, "Ponteggio in via Garibaldi");
      await page.locator("#person-pane").getByRole("link", { name: "Apri" }).click();
      await expect(merges.getByRole("button", { name: "Annulla" })).toHaveCount(left);
      await merges.getByRole("button", { name: "Annulla" }).first().click();
      await expect(page.locator("#flash")).toContainText("Unione annullata");
      await look(page, "person, merge undone");
    }
    await openCase(page, "Ponteggio in via Garibaldi");
    await page.locator("#person-pane").getByRole("link", { name: "Apri" }).click();
    await expect(page.locator("#cases li")).toHaveCount(1);
    await expect(page.locator("#history")).not.toContainText("Avete visto la mail");
  });

  await test.step("she logs out, and the page is closed to her", async () => {
    await page.locator("#me summary").click();
    await look(page, "menu of the operator");
    await page.getByRole("button", { name: "Esci" }).click();
    await expect(page).toHaveURL(/\/login/);
    await page.goto("/cases");
    await expect(page).toHaveURL(/\/login\?next=/);
  });
});
