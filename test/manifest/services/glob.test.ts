import { expect, it } from "vitest";
import { matchingFiles, matchingFolders, standsFor } from "../../../src/manifest/services/glob.ts";
import { foldersOf, sightOf } from "../../../src/manifest/services/sight.ts";

const SIGHT = sightOf(
  foldersOf([
    "apps/cart/dev/a.yaml",
    "apps/cart/prod/a.yaml",
    "apps/mail/dev/b.json",
    "sites/eu/ams/config.json",
    "top.yaml",
  ]),
  new Map(),
);

it.each<[string, string, readonly string[] | undefined]>([
  ["*", "prod", ["prod"]],
  ["values-*.yaml", "values-prod.yaml", ["prod"]],
  ["values-*.yaml", "values.yaml", undefined],
  ["*-*", "a-b-c", ["a", "b-c"]],
  ["prod", "prod", []],
  ["prod", "product", undefined],
  ["a*a", "a", undefined],
  ["*a*b*", "a".repeat(5_000), undefined],
])("knows what the wildcards of %s stand for in %s", (pattern, name, stands) => {
  expect(standsFor(pattern, name)).toEqual(stands);
});

it.each<[string, readonly string[]]>([
  ["apps/*/dev", ["apps/cart/dev", "apps/mail/dev"]],
  ["apps/*/*", ["apps/cart/dev", "apps/cart/prod", "apps/mail/dev"]],
  ["**/prod", ["apps/cart/prod"]],
  ["apps/nowhere", []],
  ["", [""]],
])("finds the folders of %s", (pattern, found) => {
  expect(matchingFolders(SIGHT, pattern).map(({ path }) => path)).toEqual(found);
});

it.each<[string, readonly string[]]>([
  ["sites/**/config.json", ["sites/eu/ams/config.json"]],
  ["apps/*/dev/*", ["apps/cart/dev/a.yaml", "apps/mail/dev/b.json"]],
  ["*.yaml", ["top.yaml"]],
])("finds the files of %s", (pattern, found) => {
  expect(matchingFiles(SIGHT, pattern).map(({ path }) => path)).toEqual(found);
});
