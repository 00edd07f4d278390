import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { findingTables } from "../../src/doctor/page.ts";

it("docs/doctor.md says of every finding what the code says", () => {
  const page = readFileSync(new URL("../../docs/doctor.md", import.meta.url), "utf8");
  const tables = page.slice(page.indexOf("## App\n"));
  expect(tables.trim()).toBe(findingTables());
});
