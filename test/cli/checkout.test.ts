import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { checkoutAt, rootOf } from "../../src/cli/checkout.ts";
import { folders } from "../support/folders.ts";

const folderOf = folders();

it("lists regular files of a work tree, without what git and packages keep", () => {
  const files = { "a.yaml": "a: 1\n", "b/c.yaml": "c: 1\n", ".git/config": "x", "b/node_modules/d.yaml": "d: 1\n" };
  const root = folderOf(files);
  symlinkSync("/etc/passwd", join(root, "link.yaml"));
  symlinkSync(root, join(root, "loop"));
  symlinkSync("../a.yaml", join(root, "b/near.yaml"));
  const { listing, links, text } = checkoutAt(root);
  expect([...listing.keys()].toSorted()).toEqual(["a.yaml", "b/c.yaml"]);
  expect(links).toEqual(
    new Map([
      ["b/near.yaml", "../a.yaml"],
      ["link.yaml", "/etc/passwd"],
      ["loop", root],
    ]),
  );
  expect(text("b/c.yaml")).toBe("c: 1\n");
  expect([text("link.yaml"), text("../a.yaml"), text("none.yaml")]).toEqual([undefined, undefined, undefined]);
});

it.each([
  ["no UTF-8", new Uint8Array([0x61, 0xff])],
  ["larger than a mebibyte", new Uint8Array(1_048_577).fill(0x61)],
])("gives no text that is %s", (_, bytes) => {
  const root = folderOf({ "a.yaml": "" });
  writeFileSync(join(root, "a.yaml"), bytes);
  expect(checkoutAt(root).text("a.yaml")).toBeUndefined();
});

it("says which folder cannot be read", () => {
  expect(() => checkoutAt("/nowhere")).toThrow("The folder /nowhere cannot be read.");
});

it("finds the root of a work tree from a folder in it, a linked one's too", () => {
  const root = folderOf({ ".git/HEAD": "", "apps/cart/a.yaml": "", "other/.git": "gitdir: x\n", "other/b/c.yaml": "" });
  expect(rootOf(join(root, "apps/cart"))).toBe(root);
  expect(rootOf(join(root, "other/b"))).toBe(join(root, "other"));
});
