import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";

// Recorded outputs of Argo's own evaluator and assessor lie beside the repository where the whole project is checked out.
const FOLDER = "../shared/data/argo";
const FILES = ["evaluate-oracle.json", "assess-oracle.json", "evaluate-cases.json"].map((name) => `${FOLDER}/${name}`);
const isThere = FILES.every((file) => existsSync(file));

describe("what Argo's own code was recorded to say", () => {
  it.skipIf(!isThere)(`is said here as well${isThere ? "" : ` (not looked at: there is no ${FOLDER})`}`, () => {
    const { status, stdout } = spawnSync(process.execPath, ["bench/analysis.ts", ...FILES, "--json"], {
      encoding: "utf8",
    });
    const figures: unknown = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    expect(figures).toMatchObject({ agreement: 1, disagreements: [], refused: 0 });
    expect(status).toBe(0);
  });
});
