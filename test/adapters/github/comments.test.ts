import { afterEach, beforeEach, expect, it } from "vitest";
import { commentJson, nockedForge, NOON, PATH, strictly } from "../../support/nocked-forge.ts";

beforeEach(strictly.before);
afterEach(strictly.after);

it.each([
  ["a pull request is heard", "https://github.test/acme/gitops/pull/7#issuecomment-21", [7]],
  [
    "a pull request of a repository called issues is heard",
    "https://github.test/acme/issues/pull/7#issuecomment-21",
    [7],
  ],
  ["an issue is left alone", "https://github.test/acme/gitops/issues/7#issuecomment-21", []],
])("what is said on %s", async (_, page, expected) => {
  const { forge, github } = nockedForge();
  const said = commentJson({ html_url: page, body: "/opt-in cart" });
  github.get(`${PATH}/issues/comments`).query(true).reply(200, [said]);
  expect((await forge.comments(NOON)).map(({ pull }) => pull)).toEqual(expected);
});
