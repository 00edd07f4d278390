import { describe, expect, it } from "vitest";
import { fittingNode, isRecentEnough, packagedNode } from "../../bin/packaged-node.js";

const NOWHERE = { platform: "sunos", arch: "sparc", execPath: "/usr/bin/node" };

describe("the Node to run with", () => {
  it.each([
    ["20.20.2", false],
    ["22.21.0", false],
    ["24.0.0", false],
    ["24.11.9", false],
    ["24.12.0", true],
    ["24.21.0", true],
    ["26.1.0", true],
  ])("%s is recent enough: %s", (version, expected) => expect(isRecentEnough(version)).toBe(expected));

  it("is what runs these tests", () => expect(isRecentEnough(process.versions.node)).toBe(true));

  it("is the packaged one where there is one", () => {
    expect(fittingNode()).toBe(packagedNode() ?? process.execPath);
  });

  it.each([
    ["the running one where none was packaged", "24.12.0", "/usr/bin/node"],
    ["none where the running one is too old", "20.20.2", undefined],
  ])("is %s", (_, node, expected) => expect(fittingNode({ ...NOWHERE, versions: { node } })).toBe(expected));
});
