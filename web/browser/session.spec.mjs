// The session ends, or a file is refused, while somebody writes: nothing that was typed goes.
import { expect, look, openCase, test } from "./desk.mjs";
import { citizen } from "./town.mjs";

test("what is being typed stays when the session ends, and is kept after logging in again", async ({ town, desk }) => {
  await town.mail(citizen("Delia Monti"), { subject: "Scala del municipio", text: "È ghiacciata." });
  const page = await desk("giulia", { allow: /401/ });
  const number = await openCase(page, "Scala del municipio");
  const box = page.locator("#text");
  await box.pressSequentially("Buongiorno, la scala ");
  await expect(page.locator("#draft-state")).toContainText("Bozza salvata");
  const cookies = await page.context().cookies();
  await page.context().clearCookies();
  await box.pressSequentially("è stata chiusa.");
  await expect(page.locator("#ended")).toContainText("La sessione è finita");
  await box.pressSequentially(" Si passa dal cortile.");
  await look(page, "the session ended");
  await expect(page).toHaveURL(new RegExp(`case=${number}`));
  await expect(box).toHaveValue("Buongiorno, la scala è stata chiusa. Si passa dal cortile.");
  await page.keyboard.press("Control+Enter"); // does not lead away either
  await expect(box).toHaveValue(/Si passa dal cortile/);
  await expect(page.locator("#ended a")).toHaveAttribute("href", /^\/login\?next=%2Fcases/);

  await page.context().addCookies(cookies); // somebody is logged in again, in another tab
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await expect(page.locator("#ended")).toHaveCount(0);
  await expect(page.locator("#draft-state")).toContainText("Bozza salvata");
  await page.reload();
  await expect(box).toHaveValue("Buongiorno, la scala è stata chiusa. Si passa dal cortile.");
});

test("a page in which nothing was written leads to the log-in", async ({ desk }) => {
  const page = await desk("giulia", { allow: /status of 401/ });
  await page.goto("/cases?view=office");
  await page.context().clearCookies();
  await page.evaluate(() => document.dispatchEvent(new Event("session:ended"))).catch(() => {}); // the page goes meanwhile
  await expect(page).toHaveURL(/\/login\?next=\/cases/);
});

test("a page in which only a list or a tick was changed stays too, and one in which that was taken back goes", async ({ desk }) => {
  const page = await desk("giulia", { allow: /status of 401/ });
  await page.goto("/search?q=buca");
  await page.route("**/shell/health", () => {}); // who is logged in is never answered: she still is, and the notice would go again
  const state = await page.evaluate(() => {
    const form = document.createElement("form");
    form.innerHTML = `<select id="l"><option disabled></option><option>uno</option><option>due</option></select><select id="m"><option>uno</option><option selected>due</option></select><input type="checkbox" id="t"><input type="radio" name="r" id="r" checked><input type="radio" name="r" id="s">`;
    document.querySelector("main").append(form);
    document.addEventListener("submit", (e) => e.preventDefault());
    return form.isConnected;
  });
  expect(state).toBe(true);
  const end = () => page.evaluate(() => { document.dispatchEvent(new Event("session:ended")); });
  for (const [id, change] of [["l", (f) => { f.selectedIndex = 2; }], ["m", (f) => { f.selectedIndex = 0; }], ["t", (f) => { f.checked = true; }], ["s", (f) => { f.checked = true; }]]) {
    await page.locator(`#${id}`).evaluate(change);
    await end();
    await expect(page.locator("#ended"), id).toContainText("La sessione è finita");
    await page.evaluate(() => { document.querySelector("#ended").remove(); document.querySelector("main form:last-child").reset(); });
  }
  await page.context().clearCookies();
  await end().catch(() => {}); // the page goes meanwhile
  await expect(page).toHaveURL(/\/login\?next=/);
});

test("a file that is too large says so, with its name and the limit, and takes no other with it", async ({ town, desk }) => {
  await town.mail(citizen("Ettore Lodi"), { subject: "Pianta del magazzino", text: "Me la mandate?" });
  const page = await desk("giulia");
  await openCase(page, "Pianta del magazzino");
  const asked = [];
  page.on("request", (r) => { if (r.url().endsWith("/files")) asked.push(r); });
  const files = page.locator("#composer [data-upload]");
  await files.setInputFiles([{ name: "enorme.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(5 << 19) }, { name: "piccola.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4") }]);
  await expect(page.locator("#draft-files")).toContainText("piccola.pdf");
  await expect(page.locator("#draft-files [role=alert]")).toHaveText("enorme.pdf è troppo grande: al massimo 2,1 MB in tutto.");
  expect(asked, "what cannot be taken is not sent").toHaveLength(1);
  await look(page, "a file that is too large");
});

test("the page of somebody whose session ended is no other's: it is loaded anew, and keeps nothing", async ({ town, desk }) => {
  await town.mail(citizen("Fausta Orsi"), { subject: "Siepe del parco", text: "È da potare." });
  const page = await desk("giulia", { allow: /401/ });
  const other = await desk("davide");
  const number = await openCase(page, "Siepe del parco");
  const cookies = await other.context().cookies();
  const box = page.locator("#text");
  await box.pressSequentially("Parole di Giulia.");
  await expect(page.locator("#draft-state")).toContainText("Bozza salvata");
  const own = await page.context().cookies();

  // the session ends while she writes, and the other one logs in beside her
  await page.context().clearCookies();
  await box.press("!");
  await expect(page.locator("#ended")).toContainText("La sessione è finita");
  const drafts = [];
  page.on("request", (r) => { if (r.method() === "POST" && r.url().endsWith("/draft")) drafts.push(r.response().then((a) => a?.status())); });
  await page.context().addCookies(cookies);
  let loaded = page.waitForEvent("load");
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await loaded;
  await expect(page.locator("#ended")).toHaveCount(0);
  await expect(page.locator("#me")).toContainText("Davide");
  await expect(box).toHaveValue("");
  expect(drafts, "nothing is kept on leaving").toEqual([]);

  // and where the page never saw that its session ended
  await page.context().addCookies(own);
  await openCase(page, "Siepe del parco");
  await expect(box).toHaveValue("Parole di Giulia.");
  loaded = page.waitForEvent("load");
  await page.context().addCookies(cookies);
  await box.evaluate((b) => { b.value += " Altre."; b.dispatchEvent(new Event("input", { bubbles: true })); });
  await loaded;
  await expect(box).toHaveValue("");
  expect((await Promise.all(drafts)).filter((status) => status < 300), "nothing of it was kept").toEqual([]);
  await other.goto(`/cases?case=${number}&compose=reply`);
  await expect(other.locator("#text")).toHaveValue("");
});

test("a form of somebody whose session ended does nothing in the name of who is logged in by then", async ({ town, desk }) => {
  await town.mail(citizen("Gino Selva"), { subject: "Cancello del cimitero", text: "Stride." });
  const page = await desk("giulia", { allow: /401/ });
  const other = await desk("davide");
  await openCase(page, "Cancello del cimitero");
  await page.locator("#person-pane .person-head a.btn").click();
  const url = page.url();
  const note = "Preferisce essere chiamato al mattino.";
  await page.locator("#n-text").fill(note);
  await page.context().addCookies(await other.context().cookies()); // the other one logs in, in another tab
  const answer = page.waitForResponse((r) => r.request().method() === "POST");
  await page.locator("#n-text").evaluate((x) => x.form.requestSubmit());
  expect((await answer).status()).toBe(401);
  await other.goto(url);
  await expect(other.locator("h1")).toContainText("Gino Selva");
  await expect(other.locator("#n-text")).toBeVisible();
  await expect(other.getByText(note)).toHaveCount(0);
});
