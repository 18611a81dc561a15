// The way of an appointment: an agenda is made, a citizen books, the staff see it,
// reception receives, the counter calls.
import { expect, look, phone, press, sit, test, wide } from "./hall.mjs";
import { citizen } from "./town.mjs";

/** Makes an agenda of all services on the pages of the administration. */
async function makeAgenda(desk, room) {
  const admin = await desk("fabio");
  await admin.goto(`/admin/queue/${room.site}`);
  await admin.locator('a[href$="/agendas/new"]').click();
  await admin.getByLabel("Nome in italiano").fill("Tutti i servizi");
  for (const tick of await admin.locator('input[name="services"]').all()) await tick.check();
  await admin.getByLabel("Si prenota fino a").fill("0");
  await look(admin, "form of an agenda");
  await admin.getByRole("button", { name: "Anteprima" }).click();
  await expect(admin.locator("#t-preview")).toBeVisible();
  await admin.getByRole("button", { name: "Salva" }).click();
  await expect(admin.locator("#t-agendas")).toBeVisible();
  await expect(admin.getByRole("link", { name: "Tutti i servizi" })).toBeVisible();
}

test("booked on the web, seen in the agenda, received, called", async ({ town, desk, room }) => {
  test.setTimeout(180_000);
  await makeAgenda(desk, room);
  const rosa = citizen("Rosa Prenotata");
  const web = await desk(null, { size: phone });
  await web.goto(`/p/book/${room.key}`);
  await web.locator(".b-lines a").first().click();
  await look(web, "free times");
  await web.locator(".b-day button").first().click();
  await web.locator("#f-person").fill(rosa.name);
  await web.locator("#f-email").fill(rosa.mail);
  await web.getByRole("button", { name: "Prenoto" }).click();
  const letter = await town.letterBy(rosa, (l) => l.text.includes("/p/appointment/confirm/"));
  await web.goto(letter.text.match(/\/p\/appointment\/confirm\/[\w-]+/)[0]);
  await web.getByRole("button", { name: "Confermo" }).click();
  const code = (await web.locator(".b-code").textContent()).trim();

  for (const size of [wide, phone]) {
    const staff = await desk("giulia", { size });
    await staff.goto("/agenda");
    const mine = staff.getByRole("link", { name: `Tutti i servizi, Sala ${room.key}` });
    if (await mine.count()) await mine.click(); // there is a choice when another room has an agenda
    const day = staff.locator("a.booked", { hasText: rosa.name });
    await look(staff, "the day");
    await day.click();
    await expect(staff.locator("#t-open")).toBeFocused();
    await look(staff, "an appointment");
    await staff.keyboard.press("ArrowRight");
    await expect(day).toHaveCount(0);
    await staff.keyboard.press("ArrowLeft");
    await expect(day).toBeVisible();
    await staff.waitForLoadState();
    await staff.keyboard.press("ArrowDown");
    await expect(staff.locator("#agenda [data-slot]:focus")).toHaveCount(1);
  }

  const desk1 = await desk("giulia");
  await desk1.goto("/reception");
  await press(desk1, "g");
  await desk1.keyboard.press("a");
  await expect(desk1).toHaveURL(/agenda/);
  await desk1.goto("/reception");
  await desk1.locator("#arrival-q").fill(code.toLowerCase());
  const line = desk1.locator(".expected li", { hasText: rosa.name });
  await expect(line).toHaveCount(1);
  await line.getByRole("button", { name: "È arrivato" }).click();
  const label = (await desk1.locator("#arrival .label-xl").textContent()).trim();
  await look(desk1, "received");
  const counter = await sit(desk, "giulia", room.first);
  await expect(counter.locator("#desk")).toContainText(label);
});
