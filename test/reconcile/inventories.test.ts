import { expect, it } from "vitest";
import { sha } from "../../src/core/names.ts";
import { inventoryAt } from "../../src/reconcile/inventories.ts";
import { freshMemory } from "../../src/reconcile/memory.ts";
import { filesOf } from "../../src/sandbox/fleet.ts";
import { modelGit } from "../simulation/git.ts";

const CONFIG = ".github/tidegate.yml";
const TEXT = 'version: 1\nmetrics: { prod: { prometheus: { url: "https://prometheus.example.com" } } }\n';
const CHECKOUT = {
  name: "checkout",
  kind: "httpRoute",
  targets: [{ name: "prod", namespace: "shop" }],
  image: "registry.example.com/shop/checkout:1.0.0",
  replicas: 4,
  revision: "4f1c000000000000000000000000000000000000",
} as const;

/** What is read for the inventory of a commit that changes some files, when that of the commit before is known. */
async function readFor(files: ReadonlyMap<string, string | undefined>): Promise<readonly string[]> {
  const model = modelGit(new Map([...filesOf(CHECKOUT), [CONFIG, TEXT]]), 0);
  const base = model.refs.get("refs/heads/main") ?? sha("0".repeat(40));
  const next = model.add({ parent: base, parents: [base], files, message: "Change", at: 1 });
  const asked: string[] = [];
  const git = {
    list: model.list,
    changed: model.changed,
    read: (commit: typeof base, paths: readonly string[]) => {
      if (commit === next) asked.push(...paths);
      return model.read(commit, paths);
    },
  };
  const looking = { git, memory: freshMemory() };
  await inventoryAt(looking, base);
  await inventoryAt(looking, next);
  return [...new Set(asked)].toSorted();
}

it("reads no more than what differs from the commit before, in a repository with a configuration", async () => {
  const path = "apps/checkout/deployment.yaml";
  const text = filesOf(CHECKOUT).get(path)?.replace("1.0.0", "1.1.0");
  expect(await readFor(new Map([[path, text]]))).toEqual([CONFIG, path]);
});

it("reads all of it anew where the configuration differs, which may say targets", async () => {
  const read = await readFor(new Map([[CONFIG, `# Ours.\n${TEXT}`]]));
  expect(read).toContain("apps/checkout/deployment.yaml");
});
