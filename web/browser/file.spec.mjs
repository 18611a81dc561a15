// Files of a case: a picture that no browser draws, one without anything bad, and malware.
import { readFileSync } from "node:fs";

import { expect, look, openCase, phone, test, wide } from "./desk.mjs";
import { citizen } from "./town.mjs";

// what every scanner takes for malware and harms nobody, in two pieces so that none takes this file for it
const eicar = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!$H+H*";
const photo = readFileSync(new URL("../../demo/photo/buca.heic", import.meta.url));

const enclosed = (name, kind, body) => [
  "--b", `Content-Type: ${kind}; name="${name}"`, `Content-Disposition: attachment; filename="${name}"`, "Content-Transfer-Encoding: base64", "",
  Buffer.from(body).toString("base64").replace(/.{76}/g, "$&\n"),
].join("\n");

for (const size of [wide, phone]) {
  test(`a file is seen, opened or kept shut by what it is, at ${size.width} points`, async ({ town, desk }) => {
    const subject = `Buca, con foto ${size.width}`;
    await town.mail(citizen("Bruno Sala"), {
      subject, headers: ["Content-Type: multipart/mixed; boundary=b"],
      text: ["--b", "Content-Type: text/plain; charset=utf-8", "", "Ecco la foto.", enclosed("IMG_4127.HEIC", "image/heic", photo),
        enclosed("nota.txt", "text/plain", `niente di male ${size.width}`), enclosed("fattura.com", "application/octet-stream", eicar), "--b--"].join("\n"),
    });
    const page = await desk("giulia", { size });
    await openCase(page, subject);
    const file = (name) => page.locator("#timeline .files > li").filter({ hasText: name });
    await expect(file("nota.txt")).toContainText("senza virus"); // the verdicts come by themselves
    await expect(file("IMG_4127.HEIC")).toContainText("senza virus");
    await expect(file("fattura.com")).toContainText("virus: non si può aprire");
    await expect(file("fattura.com").locator("a[href*='/files/']")).toHaveCount(0);
    const picture = page.locator("#timeline img[src*='/pictures/']");
    await expect(picture).toHaveCount(1);
    await picture.scrollIntoViewIfNeeded();
    await expect.poll(() => picture.evaluate((i) => i.complete && i.naturalWidth)).toBe(960);
    const coming = page.waitForEvent("download");
    await file("nota.txt").locator("a.file").focus();
    await page.keyboard.press("Enter");
    expect(readFileSync(await (await coming).path(), "utf8")).toBe(`niente di male ${size.width}`);
    await look(page, `a case with files at ${size.width}`);
  });
}
