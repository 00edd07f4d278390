import { expect, it } from "vitest";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { optOut } from "../../src/opt-in/opt-out.ts";
import { valueOf } from "../manifest/builders.ts";
import { applied, groundOf, wishOf, type Files } from "../support/opt-in-ground.ts";
import { BEFORE } from "../support/unopted.ts";

const FOLDER = "apps/cart/base";
const wish = wishOf("cart canary-gateway-api");
const RECURSIVE: Files = new Map(
  [...BEFORE].map(([path, text]) =>
    path === "clusters/cart-prod.yaml"
      ? [path, text.replace(/( +)path: apps\/cart\/base\n/, "$&$1directory: { recurse: true }\n")]
      : [path, text],
  ),
);

const refusedFor = (files: Files, links: Readonly<Record<string, string>>) => {
  const done = optIn(groundOf(files, new Map(Object.entries(links))), wish);
  return done.kind === "ok" ? [] : done.error.map(({ code, path, found }) => `${code} ${path}: ${found}`);
};

it.each<[string, Files, string, string]>([
  ["by the name of a manifest", BEFORE, "limits.yaml", "../../../shared/limits.yaml"],
  ["by the name of a kustomization", BEFORE, "Kustomization", "route.yaml"],
  ["to a folder", BEFORE, "shared", "../../checkout/base"],
  ["to another machine's files", BEFORE, "README.md", "/srv/notes/route.yaml"],
  ["in a folder below one that is applied with these", RECURSIVE, "more/limits.yml", "../../limits.yml"],
])("a plain folder with a link %s is not listed", (_, files, name, to) => {
  expect(refusedFor(files, { [`${FOLDER}/${name}`]: to })).toEqual([`unlisted ${FOLDER}/${name}: a link to ${to}`]);
});

it.each<[string, Files, string, string]>([
  ["that is no manifest", BEFORE, `${FOLDER}/NOTES`, "route.yaml"],
  ["in another folder", BEFORE, "apps/cart/more.yaml", "base/route.yaml"],
  ["in a folder below, which is not applied", BEFORE, `${FOLDER}/more/limits.yaml`, "../route.yaml"],
  [
    "in a folder below with a kustomization of its own",
    new Map([...RECURSIVE, [`${FOLDER}/more/kustomization.yaml`, "resources: []\n"]]),
    `${FOLDER}/more/limits.yaml`,
    "../route.yaml",
  ],
])("a link %s is in nobody's way", (_, files, path, to) => {
  expect(refusedFor(files, { [path]: to })).toEqual([]);
});

const MODULES = (path: string) => `[submodule "more"]\n\tpath = ${path}\n\turl = https://git.example.com/acme/more\n`;
const LIMITS = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: limits }\n";
const withModules = (files: Files, path: string): Files => new Map([...files, [".gitmodules", MODULES(path)]]);

it.each<[string, Files, readonly string[]]>([
  [
    "below a folder that is applied with it",
    withModules(RECURSIVE, `${FOLDER}/more`),
    ["unlisted .gitmodules: the submodule apps/cart/base/more"],
  ],
  ["below one that is applied alone", withModules(BEFORE, `${FOLDER}/more`), []],
  ["elsewhere", withModules(RECURSIVE, "apps/cart/more"), []],
  [
    "below a folder with a kustomization of its own",
    withModules(
      new Map([...RECURSIVE, [`${FOLDER}/more/kustomization.yaml`, "resources: []\n"]]),
      `${FOLDER}/more/lib`,
    ),
    [],
  ],
])("a submodule %s", (_, files, expected) => {
  expect(refusedFor(files, {})).toEqual(expected);
});

it("an added kustomization stays where a submodule would be applied without it", () => {
  const deep = new Map([...RECURSIVE, [`${FOLDER}/quotas/limits.yaml`, LIMITS]]);
  const after = applied(deep, valueOf(optIn(groundOf(deep), wish)).files);
  const out = (files: Files) => valueOf(optOut(groundOf(files), { service: "cart", targets: undefined })).files;
  const path = `${FOLDER}/kustomization.yaml`;
  expect([out(after).get(path), out(withModules(after, `${FOLDER}/more`)).get(path)]).toEqual([
    undefined,
    expect.stringContaining("route.yaml"),
  ]);
});

it("an added kustomization stays where a link would be applied without it", () => {
  const after = applied(BEFORE, valueOf(optIn(groundOf(BEFORE), wish)).files);
  const out = (links: Readonly<Record<string, string>>) =>
    valueOf(optOut(groundOf(after, new Map(Object.entries(links))), { service: "cart", targets: undefined })).files;
  const path = `${FOLDER}/kustomization.yaml`;
  expect([out({}).get(path), out({ [`${FOLDER}/limits.yaml`]: "../limits.yaml" }).get(path)]).toEqual([
    undefined,
    expect.stringContaining("route.yaml"),
  ]);
});
