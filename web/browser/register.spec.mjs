// The protocol register: a certified letter gets its number with the keyboard alone,
// at a desk and on a telephone.
import { entry, expect, look, openCase, phone, test, wide } from "./desk.mjs";
import { citizen } from "./town.mjs";

for (const [where, size] of [["at a desk", wide], ["on a telephone", phone]]) {
  test(`a certified letter is registered ${where}`, async ({ town, desk }) => {
    const ugo = { ...citizen(`Ugo Bassi ${where}`), pec: `ugo.${size.width}@pec.example` };
    const subject = `Istanza di occupazione ${size.width}`;
    await town.certified(ugo, { subject, text: "Si chiede l’occupazione del suolo in piazza Roma." });
    const page = await desk("giulia", { size, allow: /status of 422/ });
    const number = await openCase(page, subject);
    const letter = entry(page, "piazza Roma");
    await expect(letter).toContainText("Da protocollare");
    await look(page, `a message that is due ${where}`);

    await page.keyboard.press("t");
    await expect(page.getByRole("heading", { name: "Nuova registrazione" })).toBeVisible();
    await expect(page.getByLabel("Oggetto")).toHaveValue(subject);
    await expect(page.locator("#f-sender")).toHaveValue(new RegExp(ugo.pec));
    await look(page, `the form of the register ${where}`);

    // what is missing is told at its field
    await page.locator("#f-class").evaluate((el) => el.removeAttribute("required"));
    await page.getByRole("button", { name: "Registra e assegna il numero" }).press("Enter");
    await expect(page.locator("#faults")).toContainText("Scegli una classe");
    await look(page, `a form that came back ${where}`);
    await page.locator("#f-class").focus();
    await page.keyboard.type("VI.7");
    await page.getByRole("button", { name: "Registra e assegna il numero" }).press("Enter");
    await expect(page.locator("#flash")).toContainText("Registrato con il numero");
    await expect(entry(page, "piazza Roma")).toContainText(/Prot\. 0{2,}\d+\/20\d\d/);
    await expect(entry(page, "Registrato al protocollo con il n.")).toBeVisible();
    await look(page, `a message that is registered ${where}`);

    await entry(page, "piazza Roma").getByRole("link", { name: /Prot\./ }).click();
    await expect(page.locator("main")).toContainText("VI.7 Viabilità");
    await expect(page.locator("main")).toContainText(number);
    await look(page, `an entry ${where}`);
    await page.goto("/register?q=occupazione+" + size.width);
    await expect(page.getByRole("row", { name: new RegExp(subject) })).toBeVisible();
    await look(page, `the register ${where}`);
    await page.goto("/register/due");
    await expect(page.getByRole("link", { name: subject })).toHaveCount(0);
    await look(page, `the worklist ${where}`);
  });
}
