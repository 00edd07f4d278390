import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CATALOGUE } from "../../src/lint/catalogue.ts";
import { readTarGz } from "../../bench/corpus.ts";
import { linesOf, lintOf } from "./repo.ts";

const MANIFESTS = new URL("../../../shared/data/corpora/manifests-dev.tar.gz", import.meta.url).pathname;

// The real files lie beside the repository, and only where somebody put them.
describe.skipIf(!existsSync(MANIFESTS))("on the manifests of public repositories", () => {
  it("names places that are there, and few of them in repositories that are no collections of examples", () => {
    const files = [...readTarGz(MANIFESTS)].map(([path, text]) => ({ repo: path.split("/")[0] ?? "", path, text }));
    const repos = Map.groupBy(files, ({ repo }) => repo);
    const counts = [...repos].map(([repo, own]) => {
      const texts = Object.fromEntries(own.map(({ path, text }) => [path.slice(repo.length + 1), text]));
      const linted = lintOf(texts);
      for (const { rule, path, line } of linted.findings) {
        expect(Object.hasOwn(CATALOGUE, rule)).toBe(true);
        expect(line).toBeLessThanOrEqual((texts[path] ?? "").split("\n").length);
      }
      expect(linted.refusals).toEqual([]);
      return { repo, errors: linesOf({ findings: linted.findings.filter(({ severity }) => severity === "error") }) };
    });
    expect(repos.size).toBeGreaterThan(15);
    // All of them were read by hand, and are so.
    const real = counts.filter(({ repo }) => !/rollouts|flagger|kargo|weave/.test(repo));
    expect(real.flatMap(({ errors }) => errors)).toEqual([
      "target-port-unnamed configure/executors/dind/executor.Service.yaml:15 the Service executor leads to the port debug, and the Deployment executor names none",
      "target-port-unnamed configure/executors/k8s/executor.Service.yaml:15 the Service executor leads to the port debug, and the Deployment executor names none",
    ]);
  }, 120_000);
});
