// A head erases the contents of a message with the keyboard alone, at a desk and on a
// telephone; whoever has the case open sees them go.
import { entry, expect, look, openCase, phone, test, wide } from "./desk.mjs";
import { citizen } from "./town.mjs";

const boundary = "Content-Type: multipart/mixed; boundary=zz";

/** A mail with a file, of which all is secret. */
const letter = (secret) => ({
  subject: `Referto ${secret}`, headers: [boundary],
  text: ["--zz", "Content-Type: text/plain; charset=utf-8", "", `Il mio segreto è ${secret}.`, "--zz", "Content-Type: application/pdf", `Content-Disposition: attachment; filename=${secret}.pdf`, "", "%PDF-1.7", "--zz--"].join("\n"),
});

/** Goes on with Tab until something has the focus. */
async function tabTo(page, wanted) {
  for (let i = 0; i < 150; i++) {
    if (await wanted.evaluateAll((all) => all.includes(document.activeElement))) return;
    await page.keyboard.press("Tab");
  }
  await expect(wanted, "reached with Tab alone").toBeFocused();
}

for (const [where, size] of [["at a desk", wide], ["on a telephone", phone]]) {
  test(`a head erases a message with the keyboard ${where}`, async ({ town, desk }) => {
    const [ada, secret] = [citizen("Ada Riva"), `zirlanterbo${size.width}`];
    await town.mail(ada, letter(secret));
    const other = await desk("giulia", { allow: /status of 403/ });
    const number = await openCase(other, secret);
    await town.letters(ada, 1); // the confirmation has left
    await expect(entry(other, `Il mio segreto è ${secret}`)).toBeVisible();
    await expect(other.getByRole("link", { name: "Cancella il contenuto…" })).toHaveCount(0);

    const page = await desk("paolo", { size });
    const keys = page.keyboard;
    await page.goto(`/cases?view=office&case=${number}`);
    const open = entry(page, "Il mio segreto").getByRole("link", { name: "Cancella il contenuto…" });
    await look(page, `a message that may be erased ${where}`);
    await tabTo(page, open);
    await keys.press("Enter");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Cancellare il contenuto di un messaggio");
    const goes = page.getByRole("region", { name: "Che cosa sparisce" });
    for (const words of ["Oggetto e testo", "1 file", "1 originale", "1 risposta automatica"]) await expect(goes).toContainText(words);
    await expect(page.getByRole("region", { name: "Che cosa resta" })).toContainText("backup");
    await expect(page.locator("main")).toContainText(`Referto ${secret}`);
    await look(page, `the form that erases ${where}`);
    const action = new URL(page.url()).pathname;
    expect((await other.goto(action)).status(), "who is no head is shown nothing").toBe(403);
    await expect(other.locator("body")).not.toContainText(secret);
    await openCase(other, secret);

    await tabTo(page, page.locator("#f-reason"));
    await keys.type("richiesta");
    await keys.press("Tab");
    await keys.type("lo ha chiesto il 3 novembre");
    await keys.press("Enter"); // not yet: nobody said that they are sure
    await expect(page.locator("#f-sure")).toBeFocused();
    await keys.press("Space");
    await keys.press("Tab");
    await expect(page.getByRole("button", { name: "Cancella il contenuto" })).toBeFocused();
    await keys.press("Enter");

    await expect(page.locator("#flash")).toContainText("Contenuto cancellato.");
    for (const seen of [page, other]) { // the second has it open, and is told
      const shell = entry(seen, "Contenuto cancellato da Paolo Ferri");
      await expect(shell).toContainText("richiesta dell’interessato");
      await expect(shell).toContainText("Ada Riva");
      await expect(seen.locator("#timeline")).toContainText("lo ha chiesto il 3 novembre");
      await expect(seen.locator("#case-title")).toHaveText("Contenuto cancellato");
      await expect(seen.locator("body")).not.toContainText(secret);
    }
    await expect(open).toHaveCount(0);
    await look(page, `what is left of the message ${where}`);
    await page.goto(`/search?q=${secret}`);
    await expect(page.locator("main")).toContainText(`Nessuna pratica per «${secret}»`);
  });
}
