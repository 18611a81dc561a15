// Every page of the running program in both languages and at both sizes.
import { expect, look, openCase, phone, test, wide } from "./desk.mjs";
import { citizen } from "./town.mjs";

const staffPages = {
  giulia: ["/cases?view=mine", "/cases?view=unassigned", "/cases?view=office", "/cases?view=soon", "/cases?view=overdue", "/cases?view=complaints", "/cases?view=waiting",
    "/cases?view=snoozed", "/cases?view=failed", "/cases?view=closed", "/people", "/people?q=lidia", "/search", "/search?q=giardino", "/search?q=kind:boh", "/reception?how=visit",
    "/reception?how=phone", "/quarantine", "/channels", "/agenda", "/counter", "/queue", "/help", "/nessuna-pagina"],
  chiara: ["/cases", "/help"],
  paolo: ["/cases?view=office", "/reports", "/reports/whatif", "/agenda", "/queue", "/admin/rules", "/admin/texts", "/admin/events"],
  fabio: ["/admin/offices", "/admin/offices/new", "/admin/operators", "/admin/operators/new", "/admin/rules", "/admin/rules/new", "/admin/texts", "/admin/tokens", "/admin/events",
    "/admin/queue", "/admin/queue/new", "/reports", "/channels", "/channels/new?kind=mail", "/channels/new?kind=telegram", "/channels/new?kind=counter", "/help"],
};

for (const [lang, size] of [["it", wide], ["en", phone]]) {
  test(`pages in ${lang} at ${size.width} pixels`, async ({ town, desk }) => {
    test.setTimeout(240_000);
    const lidia = citizen("Lidia Orsi");
    await town.mail(lidia, { subject: `Giardino chiuso ${lang}`, text: "Il giardino di via Po è chiuso.\nPerché?" });
    const first = await desk("giulia", { size });
    const number = await openCase(first, `Giardino chiuso ${lang}`);
    const person = new URL(await first.locator("#person-pane .person-head a.btn").getAttribute("href"), town.url).pathname;
    for (const [login, paths] of Object.entries(staffPages)) {
      const page = await desk(login, { size, allow: /status of 40[34]/ });
      const setLang = (l) => page.request.post("/me", { form: { lang: l, back: "/help" }, headers: { Origin: town.url } });
      expect((await setLang(lang)).ok()).toBe(true);
      const mine = login === "giulia" ? [`/cases?view=office&case=${number}`, `/cases?view=office&case=${number}&compose=note`, `/cases?view=office&case=${number}&pane=person`, "/cases?view=office&pane=views", person] : [];
      for (const path of [...mine, ...paths]) {
        await page.goto(path);
        await expect(page.locator("html")).toHaveAttribute("lang", lang);
        await page.evaluate(() => { for (const d of document.querySelectorAll("details.add, details.fold-card, details.fold")) d.open = true; });
        await look(page, `${login} ${path}`);
      }
      await setLang("it");
    }
    const stranger = await desk(null, { size });
    for (const path of [`/login?lang=${lang}`, `/p/case?lang=${lang}`]) {
      await stranger.goto(path);
      await expect(stranger.locator("html")).toHaveAttribute("lang", lang);
      await look(stranger, path);
    }
  });
}

for (const [how, options] of [["with scripts", {}], ["without scripts", { javaScriptEnabled: false }]]) {
  test(`the bar of a phone shows all that it has, ${how}`, async ({ desk }) => {
    for (const width of [390, 320]) {
      const page = await desk("paolo", { size: { width, height: 700 }, ...options });
      await page.goto("/register");
      const bar = page.locator("nav.rail > ul > li:visible");
      await expect(bar).toHaveCount(6);
      for (const box of await Promise.all((await bar.all()).map((li) => li.boundingBox()))) {
        expect(box.x, `${width}: begins in the window`).toBeGreaterThanOrEqual(0);
        expect(box.x + box.width, `${width}: ends in the window`).toBeLessThanOrEqual(width + 0.5);
      }
      const words = await page.locator("nav.rail > ul > li:visible > a > span:not(.tally), nav.rail .rail-more > summary > span").all();
      expect(words).toHaveLength(6);
      for (const word of words) {
        const [room, own] = [await word.locator("xpath=ancestor::li[1]").boundingBox(), await word.boundingBox()];
        expect(own.width, `${width}: ${await word.textContent()} has its room`).toBeLessThanOrEqual(room.width);
      }
      const more = page.locator("nav.rail .rail-more > summary");
      await more.focus();
      await page.keyboard.press("Enter");
      await expect(page.locator("nav.rail .rail-more a[aria-current=page]")).toHaveText("Protocollo");
      if (options.javaScriptEnabled !== false) {
        await look(page, `the menu of the bar at ${width}`);
        await page.keyboard.press("Escape");
        await expect(more).toBeFocused();
        await page.keyboard.press("Enter");
      }
      await page.getByRole("link", { name: "Canali", exact: true }).click();
      await expect(page).toHaveURL(/\/channels$/);
    }
  });
}

test("what the policy on contents forbids is told by the browser, and nothing is", async ({ town, desk }) => {
  const page = await desk("giulia");
  await page.addInitScript(() => { window.reports = []; addEventListener("securitypolicyviolation", (e) => window.reports.push(`${e.violatedDirective} ${e.blockedURI}`)); });
  const html = citizen("Html Rossi");
  await town.mail(html, {
    subject: "Volantino colorato", headers: ["Content-Type: text/html; charset=utf-8"],
    text: "<h1 style='color:red'>Festa</h1><p>Vieni <b>domani</b></p><img src='https://spia.example/1.png' width='99' height='99'><script>parent.document.title='preso'</script>",
  });
  await openCase(page, "Volantino colorato");
  const frame = page.frameLocator("#timeline iframe.frame").first();
  await expect(frame.getByText("Festa")).toBeVisible();
  await expect(page.locator("#timeline .held")).toContainText("immagine dal web non caricata");
  expect(await page.title()).not.toBe("preso");
  expect(await page.evaluate(() => window.reports)).toEqual([]);
  await look(page, "mail in HTML");
});

test("the whole case on a phone: list, case, person and back, answering", async ({ town, desk }) => {
  const page = await desk("giulia", { size: phone });
  const gaia = citizen("Gaia Rocchi");
  await town.mail(gaia, { subject: "Piscina comunale", text: "Quando apre la piscina?" });
  await openCase(page, "Piscina comunale");
  await expect(page.locator("#list")).toBeHidden();
  await page.locator("#text").fill("Apre il primo giugno.");
  await page.locator("#composer .tools button.send").click();
  const letter = await town.letterBy(gaia, (l) => !l.automatic);
  expect(letter.text).toContain("primo giugno");
  await look(page, "a case on a phone");
  await page.getByRole("link", { name: "Scheda della persona" }).click();
  await expect(page.locator("#person-title")).toBeVisible();
  await look(page, "a person on a phone");
  await page.getByRole("link", { name: "Torna alla pratica" }).click();
  await page.getByRole("link", { name: "Torna alla lista" }).click();
  await expect(page.locator("#rows")).toBeVisible();
});
