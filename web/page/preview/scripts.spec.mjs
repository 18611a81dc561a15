// What the scripts add to the pages: keys, live rows, drafts, undo.
import { expect, test } from "@playwright/test";

const open = "/cases?view=office&case=2026/004127";
const focused = (page) => page.evaluate(() => document.activeElement.closest("[data-number]")?.dataset.number ?? document.activeElement.id);

/** Opens an address and waits until the page hears of what happens. */
async function openLive(page, address) {
  const hears = page.waitForResponse((r) => new URL(r.url()).pathname === "/live");
  await page.goto(address);
  await hears;
}

test.beforeEach(async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  page.on("pageerror", (e) => { throw e; });
});

test("the list is one tab stop and moves with j, k and arrows", async ({ page }) => {
  await page.goto("/cases?view=office");
  await expect(page.locator('#rows .case[tabindex="0"]')).toHaveCount(1);
  await page.keyboard.press("j");
  expect(await focused(page)).toBe("2026/004127");
  await page.keyboard.press("j");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("k");
  expect(await focused(page)).toBe("2026/004131");
  await page.keyboard.press("Enter");
  await expect(page.locator("#case-head .case-number")).toHaveText("2026/004131");
  await expect(page).toHaveURL(/case=2026\/004131/);
  await expect(page.locator("#row-2026-004131 .case")).toHaveAttribute("aria-current", "true");
  expect(await focused(page)).toBe("2026/004131");
  await page.goBack();
  await expect(page).not.toHaveURL(/case=/);
  await expect(page.locator(".no-case")).toBeVisible();
});

test("letters do nothing when they are switched off, Ctrl-K does", async ({ page }) => {
  await page.goto(open);
  await page.evaluate(() => { document.body.dataset.keys = "off"; });
  await page.keyboard.press("a");
  await expect(page.locator('details[data-menu="a"]')).not.toHaveAttribute("open");
  await page.keyboard.press("Control+k");
  await expect(page.locator("#palette")).toBeVisible();
});

test("letters open what they say, and are text in fields", async ({ page }) => {
  await page.goto(open);
  for (const [key, menu] of [["a", "a"], ["s", "s"], ["e", "e"], ["o", "more"]]) {
    await page.keyboard.press(key);
    await expect(page.locator(`details[data-menu="${menu}"]`)).toHaveAttribute("open");
    await page.keyboard.press("Escape");
    await expect(page.locator(`details[data-menu="${menu}"]`)).not.toHaveAttribute("open");
  }
  await page.keyboard.press("r");
  expect(await focused(page)).toBe("2026/004127");
  await page.locator("#text").press("a");
  await expect(page.locator('details[data-menu="a"]')).not.toHaveAttribute("open");
  await page.keyboard.press("Escape");
  await page.keyboard.press("n");
  await expect(page.locator("#composer")).toHaveAttribute("data-mode", "note");
  await expect(page.locator("#text")).toBeFocused();
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  await expect(page).toHaveURL(/reception/);
});

test("the palette finds pages at once and cases from the server", async ({ page }) => {
  await page.goto(open);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("quar");
  await expect(page.locator("#palette [aria-selected=true]")).toHaveText(/Quarantena/);
  await page.keyboard.press("Control+a");
  await page.keyboard.type("ferr");
  await expect(page.locator("#palette [role=option]:visible").first()).toHaveText(/Ponteggio/);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/2026\/003871/);
});

test("a changed case changes its row in place, a new one waits behind the bar", async ({ page }) => {
  await openLive(page, "/cases?view=office");
  const row = page.locator("#row-2026-004131");
  await row.locator(".tick").check({ force: true });
  await page.request.get("/push?e=2026/004131");
  await expect(row).toContainText("Aggiornata adesso");
  await expect(row.locator(".tick")).toBeChecked();
  await expect(page.locator("#rows .row").nth(1)).toHaveAttribute("data-number", "2026/004131");
  await page.request.get("/push?e=2026/009000");
  await expect(page.locator("#arrivals")).toHaveText("Mostra 1 nuovo arrivo");
  await expect(page.locator("#row-2026-009000")).toHaveCount(0);
  await page.request.get("/push?e=2026/004130"); // left the view
  await expect(page.locator("#row-2026-004130")).toHaveClass(/gone/); // but stays while the pointer is on the list
  await page.locator("#list-title").hover();
  await expect(page.locator("#row-2026-004130")).toHaveCount(0);
  await page.request.get("/push?e=counts");
  await expect(page.locator("#views li").first()).toContainText("13");
  await page.request.get("/push?e=health");
  await expect(page.locator("#health")).toContainText("3 canali su 4");
  await page.locator("#arrivals").click();
  await expect(page.locator("#arrivals")).toBeHidden();
});

test("rows come and rise by themselves while nobody points at the list", async ({ page }) => {
  await openLive(page, "/cases?view=office");
  await page.locator("#rows .case").first().focus();
  await page.request.get("/push?e=2026/009000");
  await expect(page.locator("#rows .row").first()).toHaveAttribute("data-number", "2026/009000");
  await expect(page.locator("#arrivals")).toBeHidden();
  expect(await focused(page), "the focus stays with its row").toBe("2026/004127");
  await page.request.get("/push?e=2026/004098");
  await expect(page.locator("#rows .row").first()).toHaveAttribute("data-number", "2026/004098");

  await page.locator("#list-title").hover();
  await page.request.get("/push?e=2026/009001");
  await expect(page.locator("#arrivals")).toHaveText("Mostra 1 nuovo arrivo");
  await page.locator("#content").hover({ position: { x: 900, y: 500 } });
  await expect(page.locator("#arrivals")).toBeHidden();
  await expect(page.locator("#rows .row").first()).toHaveAttribute("data-number", "2026/009001");
});

test("an open case takes new messages in without touching the text", async ({ page }) => {
  await openLive(page, open);
  const before = await page.locator("#timeline > li").count();
  await page.evaluate(() => { document.querySelector("#e-14").kept = true; });
  await page.locator("#text").fill("Sto scrivendo");
  await page.request.get("/push?e=2026/004127");
  await expect.poll(() => page.locator("#timeline > li").count()).toBeGreaterThan(before);
  expect(await page.evaluate(() => document.querySelector("#e-14").kept)).toBe(true);
  await expect(page.locator("#text")).toHaveValue("Sto scrivendo");
  await expect(page.locator("#stop")).toContainText("ha scritto ancora");
  await expect(page.locator("#composer .tools .send")).toHaveAttribute("aria-disabled", "true");
  // the newest is in view
  await expect(page.locator("#timeline > li").last()).toBeInViewport();
});

test("a stopped reply is not sent; reading what is new frees it", async ({ page }) => {
  await page.goto("/page/inbox-newer");
  let sent = 0;
  page.on("request", (r) => { if (r.method() === "POST" && r.url().endsWith("/reply")) sent++; });
  await page.locator("#text").focus();
  await page.keyboard.press("Control+Enter");
  expect(sent).toBe(0);
  const saved = page.waitForRequest((r) => r.url().endsWith("/draft"));
  await page.locator("[data-read-newer]").click();
  const last = await page.locator("#timeline").getAttribute("data-last");
  expect((await saved).postData()).toContain(`seen=${last}`);
  await expect(page.locator("#composer .tools .send")).toHaveAttribute("aria-disabled", "false");
});

test("the draft is kept while one writes and the meter follows", async ({ page }) => {
  await page.goto(open);
  await page.locator("#text").fill("Buongiorno, la planimetria va bene. Grazie a presto.");
  await expect(page.locator("#draft-state")).toContainText("Bozza salvata alle 11:12");
  await expect(page.locator("#read")).toContainText("Leggibilità 52");
});

test("after sending there is a bar to undo, which waits while somebody is at it", async ({ page }) => {
  await page.clock.install();
  await page.goto(open);
  await page.locator('a[data-key="n"]').click(); // to and fro: a composer without a stop
  await expect(page.locator("#composer")).toHaveAttribute("data-mode", "note");
  await page.locator('a[data-key="r"]').click();
  await expect(page.locator("#composer")).toHaveAttribute("data-mode", "reply");
  await page.locator("#text").focus();
  await page.keyboard.press("Control+Enter");
  await expect(page.locator(".undo")).toBeVisible();
  await page.clock.runFor(100);
  expect(await focused(page)).toBe("2026/004127");
  const hold = page.waitForRequest("**/send/7/hold");
  await page.locator(".undo").hover();
  await hold;
  await page.clock.runFor(20000);
  await expect(page.locator(".undo-count")).toHaveText("3");
  const go = page.waitForRequest("**/send/7/go");
  await page.locator("#list-title").hover();
  await page.clock.runFor(100);
  await go;
  await page.clock.runFor(4000);
  await expect(page.locator(".undo")).toHaveCount(0);
  await expect(page.locator("#composer .tools button.send")).toBeVisible();
});

test("undo with z brings the text back", async ({ page }) => {
  await page.goto("/page/inbox-undo");
  await page.locator("#rows .case").first().focus();
  await page.keyboard.press("z");
  await expect(page.locator("#text")).toHaveValue(/Buongiorno Lucia/);
  await expect(page.locator(".undo")).toHaveCount(0);
});

test("a slash opens the texts, Enter inserts and selects the first gap", async ({ page }) => {
  await page.goto(open);
  const text = page.locator("#text");
  await text.fill("Gentile signora, ");
  await text.press("End");
  await page.keyboard.type("/int");
  await expect(page.locator("#picker")).toBeVisible();
  await expect(text).toHaveAttribute("aria-activedescendant", "t-1");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(text).toHaveValue("Gentile signora, Manca ancora un documento: {documento}. Può mandarlo qui.");
  expect(await page.evaluate(() => getSelection().toString() || document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd))).toBe("{documento}");
  await expect(page.locator("#picker")).toBeHidden();
  await text.fill("via /");
  await page.keyboard.press("Escape");
  await expect(text).toHaveValue("via /");
});

test("files are taken by choosing, dropping and pasting", async ({ page }) => {
  await page.goto(open);
  await page.locator("#composer input[type=file]").setInputFiles({ name: "pianta.pdf", mimeType: "application/pdf", buffer: Buffer.from("x") });
  await expect(page.locator("#draft-files")).toContainText("pianta.pdf");
  const carry = await page.evaluateHandle(() => { const d = new DataTransfer(); d.items.add(new File(["y"], "foto.jpg", { type: "image/jpeg" })); return d; });
  await page.locator("#composer").dispatchEvent("dragover", { dataTransfer: carry });
  await expect(page.locator("#composer")).toHaveClass(/dropping/);
  await page.locator("#composer").dispatchEvent("drop", { dataTransfer: carry });
  await expect(page.locator("#draft-files")).toContainText("foto.jpg");
});

test("mail in HTML takes its height, pictures come when asked", async ({ page }) => {
  await page.goto(open);
  const frame = page.locator("#e-15 iframe");
  await frame.scrollIntoViewIfNeeded();
  await expect.poll(() => frame.evaluate((f) => f.offsetHeight)).not.toBe(240);
  const asked = page.waitForRequest("**/messages/15/html?images=1");
  await page.locator("#e-15 [data-images]").click();
  await asked;
});

test("after closing a case the focus is on the next row", async ({ page }) => {
  await page.goto(open);
  await page.keyboard.press("e");
  await page.locator('details[data-menu="e"] .menu-foot .btn').click();
  await expect.poll(() => focused(page)).toBe("2026/004131");
});

test("without scripts a case opens, and forms are forms", async ({ browser }) => {
  const page = await (await browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } })).newPage();
  await page.goto("/cases?view=office");
  await page.locator("#row-2026-004131 .case").click();
  await expect(page.locator("#case-title")).toBeVisible();
  await expect(page.locator(".rail")).toBeHidden();
  await page.getByRole("link", { name: "Torna alla lista" }).click();
  await expect(page.locator("#rows")).toBeVisible();
});

test("older rows are added at the end", async ({ page }) => {
  await page.goto("/cases?view=office");
  const before = await page.locator("#rows .row").count();
  await page.locator("#rows .older a").click();
  await expect(page.locator("#rows .row")).toHaveCount(before * 2);
  await expect(page).toHaveURL(/view=office$/);
});
