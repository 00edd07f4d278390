import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { changes } from "../../bench/render-objects.ts";
import { findKustomize, render } from "../../bench/render-tools.ts";
import { workplace, type Workplace } from "../../bench/render-tree.ts";
import { parseState } from "../../src/config/state-file.ts";
import { takeInventory } from "../../src/manifest/services/inventory.ts";
import { servicesTable } from "../../src/manifest/services/table.ts";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { optOut } from "../../src/opt-in/opt-out.ts";
import { refusedText } from "../../src/opt-in/refused.ts";
import { errorOf, valueOf } from "../manifest/builders.ts";
import { applied, groundOf, wishOf, type Files } from "../support/opt-in-ground.ts";

const ROOT = fileURLToPath(new URL("../golden/opt-in/", import.meta.url));
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

const CASES = readdirSync(ROOT).toSorted();
const input = (name: string) => filesIn(`${ROOT}${name}/input`);
const wishIn = (name: string) => wishOf(readFileSync(`${ROOT}${name}/wish.txt`, "utf8"));
const CONVERTED = CASES.filter((name) => existsSync(`${ROOT}${name}/output`));
// What helm renders is held against it in charts.test.ts.
const KUSTOMIZED = CONVERTED.filter((name) => ![...input(name).keys()].some((path) => path.endsWith("/Chart.yaml")));
const REFUSED = CASES.filter((name) => existsSync(`${ROOT}${name}/refusal.txt`));

describe("opting in", () => {
  it.each(["opt-in", "opt-out"])("refuses a service whose branches would be others': %s", (called) => {
    const files = [...input("plain-folder")].map(
      ([path, text]) => [path, text.replaceAll("checkout", called)] as const,
    );
    const wish = { ...wishIn("plain-folder"), service: called };
    const said = errorOf(optIn(groundOf(new Map(files)), wish)).map(({ code, why }) => `${code}: ${why}`);
    expect(said).toEqual(["no-service: branches of what opts services in and out are called so"]);
  });

  it.each(CONVERTED)("%s: writes what is golden, and says what is to be known", (name) => {
    const before = input(name);
    const { files, remarks } = valueOf(optIn(groundOf(before), wishIn(name)));
    const said = remarks.map(({ target, path, line, says }) => `${target}: ${path}:${line}: ${says}\n`).join("");
    const golden = filesIn(`${ROOT}${name}/output`);
    expect(said).toBe(readFileSync(`${ROOT}${name}/remarks.txt`, "utf8"));
    expect([...files.keys()].toSorted()).toEqual([...golden.keys()]);
    for (const [path, text] of files) expect([path, text]).toEqual([path, golden.get(path)]);
  });

  it.each(CONVERTED)("%s: leaves a state that is read, and the same service with its canary", (name) => {
    const before = input(name);
    const { files, service } = valueOf(optIn(groundOf(before), wishIn(name)));
    const after = applied(before, files);
    const path = `.tidegate/services/${service}.yaml`;
    expect(parseState({ path, text: after.get(path) ?? "" }).kind).toBe("ok");
    const targets = (all: Files) =>
      groundOf(all).inventory.fleet.services.flatMap((one) => one.targets.map((at) => `${one.name}/${at.name}`));
    expect([servicesTable(groundOf(after).inventory.fleet.services), targets(after)]).toEqual([
      expect.stringContaining(service),
      targets(before),
    ]);
  });

  it.each(CONVERTED)("%s: taken back at once it is the same files, byte for byte", (name) => {
    const before = input(name);
    const { files, service } = valueOf(optIn(groundOf(before), wishIn(name)));
    const after = applied(before, files);
    const back = valueOf(optOut(groundOf(after), { service, targets: undefined }));
    expect(applied(after, back.files)).toEqual(before);
    expect(back.remarks).toEqual([]);
  });

  it.skipIf(KUSTOMIZE === undefined).each(KUSTOMIZED)(
    "%s: kustomize renders what it rendered, the canary's objects and its backend (skipped without kustomize and kubectl)",
    async (name) => {
      const before = input(name);
      const { files } = valueOf(optIn(groundOf(before), wishIn(name)));
      const after = applied(before, files);
      const folders = [...after.keys()].flatMap(
        (path) => /^((?!.*\/(?:base|tidegate)\/).*)\/kustomization\.yaml$/.exec(path)?.[1] ?? [],
      );
      const all: string[] = [];
      for (const folder of folders) {
        const [old, now] = [await rendered(withListing(before, after, folder), folder), await rendered(after, folder)];
        all.push(...changes(old, now));
      }
      const isBackend = (one: string) =>
        /^[^ ]*(?:Route|VirtualService)[^ ]* \/spec\/(?:rules|http)\/\d+\/(?:backendRefs|route)\//.test(one);
      expect(all.filter((one) => !one.startsWith("+") && !isBackend(one))).toEqual([]);
      const canaries = all.filter((one) => one.startsWith("+apps/v1/Deployment/"));
      expect(canaries.length).toBeGreaterThan(0);
      expect(canaries.every((one) => one.endsWith("-canary"))).toBe(true);
    },
    60_000,
  );

  it("takes a folder that is called as that of a chart's templates for what is in it", () => {
    const moved = new Map(
      [...input("plain-folder")].map(([path, text]) => [path.replace("apps/", "templates/"), text]),
    );
    expect(optIn(groundOf(moved), wishIn("plain-folder")).kind).toBe("ok");
  });

  it.each([
    ["crds.yaml", "a file that cannot be read"],
    ["lib/rules.jsonnet", "a program of Jsonnet"],
  ])("a plain folder with a file that no kustomization may leave out is refused: %s", (name, expected) => {
    const path = `apps/checkout/${name}`;
    const files = input("plain-folder");
    const paths = [...files.keys(), path];
    const inventory = takeInventory(new Map(paths.map((one) => [one, one])), (one) => files.get(one));
    const ground = { ...groundOf(files), inventory };
    const [refused] = errorOf(optIn(ground, wishIn("plain-folder")));
    expect([refused?.code, refused?.path, refused?.found]).toEqual(["unlisted", path, expected]);
  });

  it.each(REFUSED)("%s: is refused", (name) => {
    const said = errorOf(optIn(groundOf(input(name)), wishIn(name))).map((one) => `${one.code}: ${refusedText(one)}\n`);
    expect(said.join("")).toBe(readFileSync(`${ROOT}${name}/refusal.txt`, "utf8"));
  });
});

// A folder that had no kustomization is rendered as what is applied of it.
function withListing(before: Files, after: Files, folder: string): Files {
  const path = `${folder}/kustomization.yaml`;
  if (before.has(path)) return before;
  const listed = (after.get(path) ?? "").replace(/^ +- .*tidegate.*\n|^transformers:\n/gm, "");
  return new Map([...before, [path, listed]]);
}

async function rendered(files: Files, folder: string) {
  if (KUSTOMIZE === undefined) throw new Error("The test is skipped without the program.");
  const place = workplace(files);
  places.push(place);
  const done = await render(KUSTOMIZE, place.folder, [folder, "--load-restrictor", "LoadRestrictionsNone"]);
  if (done.kind === "failed") throw new Error(done.said);
  return done.objects;
}
