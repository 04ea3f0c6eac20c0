// One vitest project per suffix: a test's name says what it needs to run.
import { defineConfig } from "vitest/config";

const exclude = ["node_modules/**", ".koprogo/**", "api/dashboard/dist/**"];
// They end a test that hangs, and time none: two cores that others use too may take ten times as long.
const services = {
  globalSetup: ["./store/testing/global-setup.ts"],
  testTimeout: 180_000,
  hookTimeout: 180_000,
};

export default defineConfig({
  test: {
    // Several files at once share two cores with PostgreSQL: more workers only make the waits longer.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "unit",
          testTimeout: 180_000,
          // Pure code shares nothing that a test could leave behind; a fresh context per file doubles the time.
          isolate: false,
          include: ["**/*.test.ts"],
          exclude: [...exclude, "**/*.{db,e2e,samples}.test.ts"],
        },
      },
      { test: { name: "db", include: ["**/*.db.test.ts"], exclude, ...services } },
      { test: { name: "samples", include: ["**/*.samples.test.ts"], exclude, ...services } },
      {
        test: {
          name: "e2e",
          include: ["**/*.e2e.test.ts"],
          exclude,
          ...services,
          fileParallelism: false,
        },
      },
    ],
  },
});
