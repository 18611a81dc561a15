// The citizens' side: the state of a case, by its number and secret.
import { expect, look, openCase, phone, send, test } from "./desk.mjs";
import { citizen } from "./town.mjs";

for (const [name, size] of [["wide", undefined], ["phone", phone]]) {
  test(`a citizen follows a case with number and secret, ${name}`, async ({ town, desk }) => {
    const sole = citizen("Sole Ferri");
    const giulia = await desk("giulia");
    await town.mail(sole, { subject: `Permesso di sosta ${name}`, text: "Vorrei il permesso per residenti." });
    const number = await openCase(giulia, `Permesso di sosta ${name}`);
    await send(giulia, "Il permesso è pronto: può ritirarlo da domani.");
    await town.letterBy(sole, (l) => !l.automatic);
    const receipt = (await town.letters(sole, 1)).find((l) => l.automatic);
    const link = new URL(receipt.text.match(/http:\S+/)[0]);
    expect(link.searchParams.get("number")).toBe(number);

    const page = await desk(null, { ...(size && { size }), allow: /status of 404/ });
    await page.goto("/p/case");
    await look(page, "entry for citizens");
    await page.getByLabel("Numero della pratica").fill(number);
    await page.getByLabel("Codice").fill("AAAAAAAAAA");
    await page.getByRole("button", { name: "Guarda la pratica" }).click();
    await expect(page.getByRole("alert")).toContainText("non corrisponde");
    await look(page, "wrong secret");
    await page.getByLabel("Codice").fill(link.searchParams.get("secret"));
    await page.getByRole("button", { name: "Guarda la pratica" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Permesso di sosta ${name}`);
    await expect(page.locator("body")).toContainText("può ritirarlo da domani");
    await expect(page.locator("body")).not.toContainText("Giulia Moretti");
    expect(page.url()).not.toContain("secret");
    await look(page, "a case for its citizen");
    await page.getByRole("link", { name: "English" }).click();
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
    await look(page, "a case for its citizen, in English");
    // the link of the receipt opens it too, and leaves no secret in the address
    const other = await desk(null);
    await other.goto(link.href);
    await expect(other.getByRole("heading", { level: 1 })).toHaveText(`Permesso di sosta ${name}`);
    expect(other.url()).not.toContain("secret");
  });
}
