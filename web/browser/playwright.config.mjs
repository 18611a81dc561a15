// All browser tests in one go:
//
//	npx playwright test --config web/browser/playwright.config.mjs
//
// "pages" are the sample pages (web/page/preview), "town" is the whole program
// with real servers (this folder), "screens" takes the pictures of docs/screens.
// PARTS=town, for instance, runs one of them alone.
import { defineConfig } from "@playwright/test";

const parts = (process.env.PARTS ?? "pages,town").split(",");
const preview = "http://127.0.0.1:8098";

export default defineConfig({
  outputDir: "../../test-results/browser",
  globalSetup: "./build.mjs",
  workers: 2, // each with a town of its own: they wait more than they work
  forbidOnly: true,
  reporter: [["list"], ["./flaky.mjs"]],
  timeout: 90_000,
  expect: { timeout: 15_000 },
  use: {
    actionTimeout: 20_000,
    locale: "it-IT",
    timezoneId: "Europe/Rome",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    },
    // no trace: its recorder runs in every frame, and frames of mail complain of it
    screenshot: "only-on-failure",
  },
  projects: [
    { name: "pages", testDir: "../page/preview", use: { baseURL: preview } },
    { name: "town", testDir: ".", testIgnore: "screens.spec.mjs" },
    { name: "screens", testDir: ".", testMatch: "screens.spec.mjs" },
  ].filter((p) => parts.includes(p.name)),
  webServer: parts.includes("pages") ? {
    command: `go run -tags preview ./web/page/preview -listen ${preview.replace("http://", "")}`,
    cwd: new URL("../..", import.meta.url).pathname,
    url: preview,
    timeout: 180_000,
    reuseExistingServer: false,
  } : undefined,
});
