// Browser tests of the pages and their scripts, on the sample morning:
//   npx playwright test -c web/page/preview
import { defineConfig } from "@playwright/test";

const address = "http://127.0.0.1:8098";

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.mjs",
  outputDir: "../../../test-results/pages",
  workers: 1,
  reporter: "list",
  use: {
    baseURL: address,
    locale: "it-IT",
    timezoneId: "Europe/Rome",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    },
  },
  webServer: {
    command: `go run -tags preview ./web/page/preview -listen ${address.replace("http://", "")}`,
    cwd: new URL("../../..", import.meta.url).pathname,
    url: address,
    timeout: 180000,
    reuseExistingServer: false,
  },
});
