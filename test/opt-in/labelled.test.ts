import { existsSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { readTarGz } from "../../bench/corpus.ts";
import { optInAll, type Outcome } from "../../bench/optin-run.ts";

const MANIFESTS = new URL("../../../shared/data/corpora/manifests-dev.tar.gz", import.meta.url).pathname;
const LABELS = new URL("../data/opt-in-labels.tsv", import.meta.url).pathname;

/** What one of the services should come to: `codes` are those of which one is to be among the reasons, none where it should convert. */
type Label = { readonly who: string; readonly repository: string; readonly codes: readonly string[] };

const LABELLED = readFileSync(LABELS, "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line): Label => {
    const [repository = "", service = "", target = "", verdict = ""] = line.split("\t");
    const codes = verdict === "convert" ? [] : verdict.split("/");
    return { who: `${repository} ${service} ${target}`, repository, codes };
  });

function verdictOf({ refused, converted }: Outcome): string {
  return converted ?? [...new Set(refused.map(({ code }) => code))].join(" + ");
}

function agrees({ codes }: Label, { refused, converted }: Outcome): boolean {
  if (codes.length === 0) return converted === "same";
  return converted === undefined && refused.some(({ code }) => codes.includes(code));
}

it("two hundred services were read, and each once in a target", () => {
  expect(LABELLED).toHaveLength(200);
  expect(new Set(LABELLED.map(({ who }) => who)).size).toBe(199);
});

// The real files lie beside the repository, and only where somebody put them.
describe.skipIf(!existsSync(MANIFESTS))(
  `on the manifests of public repositories (skipped without ${MANIFESTS})`,
  () => {
    const table = new Map<string, number>();
    afterAll(() => {
      process.stdout.write(`opting in, by label and outcome: ${JSON.stringify(Object.fromEntries(table))}\n`);
    });

    it("opting in converts what should be, and refuses what should not, for the reason that was read", async () => {
      const repositories = new Set(LABELLED.map(({ repository }) => repository));
      const files = new Map(
        [...readTarGz(MANIFESTS)].filter(([path]) => repositories.has(path.slice(0, path.indexOf("/")))),
      );
      const wanted = new Set(LABELLED.map(({ who }) => who));
      const run = { kustomize: undefined, atOnce: 1, isAsked: (who: string) => wanted.has(who), tell: () => undefined };
      const outcomes = await optInAll(files, run);
      const byWho = Map.groupBy(outcomes, ({ repository, service, home, target }) => {
        return `${repository} ${service}@${home} ${target}`;
      });
      const wrong = LABELLED.flatMap((label) => {
        const all = byWho.get(label.who) ?? [];
        const [first] = all;
        const cell = `${label.codes.length === 0 ? "convert" : "refuse"} → ${first?.converted === undefined ? "refused" : "converted"}`;
        table.set(cell, (table.get(cell) ?? 0) + 1);
        const isRight = all.length > 0 && all.every((one) => agrees(label, one));
        return isRight
          ? []
          : [
              `${label.who}: ${label.codes.join("/") || "convert"}, and it is ${all.map(verdictOf).join(", ") || "not there"}`,
            ];
      });
      expect(wrong).toEqual([]);
    }, 120_000);
  },
);
