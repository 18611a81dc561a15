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

  test(`a case opens at the citizen's last word, its files in order, at ${size.width} points`, async ({ town, desk }) => {
    const subject = `Due file ${size.width}`;
    const inner = "From: Ugo Bassi <ugo@posta.example>\r\nSubject: Lampione\r\n\r\nIl lampione davanti alla scuola non va.\r\n";
    const long = Array.from({ length: 60 }, (_, n) => `Riga ${n + 1} di una lettera lunga.`).join("\n");
    const name = "Maria-Antonietta-Bartolomea-Evangelista-Della-Rovere-Montefeltro";
    await town.mail(citizen(name), {
      subject, headers: ["Content-Type: multipart/mixed; boundary=b"],
      text: ["--b", "Content-Type: text/plain; charset=utf-8", "", `Comincia qui.\n${long}`, enclosed("inoltrata.eml", "application/octet-stream", inner),
        enclosed("uno.txt", "text/plain", `uno ${size.width}`), enclosed("due.txt", "text/plain", `due ${size.width}`), "--b--"].join("\n"),
    });
    const page = await desk("giulia", { size });
    await openCase(page, subject);
    const said = page.locator("#timeline article").filter({ hasText: "Comincia qui." });
    await expect(said.locator("header")).toBeInViewport(); // its beginning, however long it is
    await expect(page.locator("#timeline .msg-auto details")).not.toHaveAttribute("open");
    const file = (of) => page.locator("#timeline .files > li").filter({ has: page.locator("a.file", { hasText: of }) });
    const [mail, one, two] = await Promise.all(["inoltrata.eml", "uno.txt", "due.txt"].map((of) => file(of).locator("a.file").boundingBox()));
    expect(one.y).toBeGreaterThan(mail.y + mail.height - 1);
    if (size === wide) expect(Math.abs(one.y - two.y)).toBeLessThan(2); // on one line, none half way down
    await file("inoltrata.eml").locator("summary").click();
    await expect(file("inoltrata.eml")).toContainText("Il lampione davanti alla scuola non va.");
    if (size === wide) {
      const [title, open] = await Promise.all([page.locator("#person-title"), page.locator("#person-pane .person-head a.btn")].map((x) => x.boundingBox()));
      expect(title.x + title.width).toBeLessThanOrEqual(open.x);
      expect(await page.locator("#person-title").evaluate((x) => x.scrollWidth <= x.clientWidth)).toBe(true);
    }
    await look(page, `a case with a mail enclosed at ${size.width}`);
  });
}
