import { readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { changes } from "../../bench/render-objects.ts";
import { findKustomize, render, type Json } from "../../bench/render-tools.ts";
import { workplace, type Workplace } from "../../bench/render-tree.ts";
import { parseState } from "../../src/config/state-file.ts";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { optOut } from "../../src/opt-in/opt-out.ts";
import { valueOf } from "../manifest/builders.ts";
import { applied, groundOf, type Files } from "../support/opt-in-ground.ts";
import { shipped, templateIn } from "../template/facts.ts";

const ROOT = fileURLToPath(new URL("../golden/standing/", import.meta.url));
const LIBRARY = shipped();
const KUSTOMIZE = findKustomize();

const places: Workplace[] = [];
afterEach(() => {
  for (const { remove } of places.splice(0)) remove();
});

function filesIn(folder: string): Files {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => path.replaceAll("\\", "/"));
  const files = paths.filter((path) => statSync(`${folder}/${path}`).isFile()).toSorted();
  return new Map(files.map((path) => [path, readFileSync(`${folder}/${path}`, "utf8")]));
}

/** A service, the template that drives its Rollout, and the folder of one of its targets. */
function wishIn(name: string) {
  const [service = "", template = "", folder = ""] = readFileSync(`${ROOT}${name}/wish.txt`, "utf8").trim().split(" ");
  const asked = { service, targets: undefined, parameters: new Map<string, string>(), namespace: undefined };
  return { wish: { ...asked, template: templateIn(LIBRARY, template) }, folder };
}

const CASES = readdirSync(ROOT).toSorted();
const KUSTOMIZED = CASES.filter((name) =>
  filesIn(`${ROOT}${name}/input`).has(`${wishIn(name).folder}/kustomization.yaml`),
);

describe("a Rollout that is there", () => {
  it.each(CASES)("%s: is opted in as is golden, by a state that is read, and out to the byte", (name) => {
    const before = filesIn(`${ROOT}${name}/input`);
    const { files, remarks } = valueOf(optIn(groundOf(before), wishIn(name).wish));
    const said = remarks.map(({ target, path, line, says }) => `${target}: ${path}:${line}: ${says}\n`).join("");
    expect(said).toBe(readFileSync(`${ROOT}${name}/remarks.txt`, "utf8"));
    expect(new Map(files)).toEqual(filesIn(`${ROOT}${name}/output`));
    const path = ".tidegate/services/checkout.yaml";
    expect(valueOf(parseState({ path, text: files.get(path) ?? "" })).targets.size).toBeGreaterThan(0);
    const after = applied(before, files);
    expect(applied(after, valueOf(optOut(groundOf(after), { service: "checkout", targets: undefined })).files)).toEqual(
      before,
    );
  });

  it.skipIf(KUSTOMIZE === undefined).each(KUSTOMIZED)(
    "%s: is rendered by kustomize with other steps, and nothing else (skipped without kustomize and kubectl)",
    async (name) => {
      const before = filesIn(`${ROOT}${name}/input`);
      const { wish, folder } = wishIn(name);
      const { files } = valueOf(optIn(groundOf(before), wish));
      const [old, now] = await Promise.all([before, applied(before, files)].map((all) => objectsIn(all, folder)));
      const changed = changes(old ?? [], now ?? []);
      expect(changed).not.toEqual([]);
      expect(changed.filter((one) => !/\/Rollout\/.* \/spec\/strategy\/canary\/steps(?:\/|$)/.test(one))).toEqual([]);
    },
  );
});

async function objectsIn(files: Files, folder: string): Promise<readonly Json[]> {
  const place = workplace(files);
  places.push(place);
  if (KUSTOMIZE === undefined) throw new Error("The test is skipped without the program.");
  const done = await render(KUSTOMIZE, place.folder, [folder]);
  return done.kind === "rendered" ? done.objects : expect.fail(JSON.stringify(done));
}
