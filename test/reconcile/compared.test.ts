import { describe, expect, it } from "vitest";
import { sha } from "../../src/core/names.ts";
import { compareSome, versionsOf } from "../../src/reconcile/compared.ts";
import { inventoryOf, kustomization, type Files } from "../manifest/services/repo.ts";

const COPIES = kustomization(
  ["deployment.yaml"],
  `configMapGenerator:
  - name: versions
    envs: [versions.env]
replacements:
  - source: { kind: ConfigMap, name: versions, fieldPath: data.SHOP }
    targets:
      - select: { kind: Deployment, name: web }
        fieldPaths: ["spec.template.spec.containers.[name=web].image"]
        options: { delimiter: ":", index: 1 }
`,
);

const ID = sha("0".repeat(40));

/** What some files of a repository are compared to be, where one of them gets another text. */
function compared(files: Files, path: string, text: string) {
  const blob = (of: string | undefined) => new Map(of === undefined ? [] : [[path, { id: ID, text: of }] as const]);
  const versions = { before: blob(files[path]), after: blob(text) };
  return compareSome([path], versions, inventoryOf(files))?.files.bumps.map(({ from, to }) => [from, to]);
}

describe("files of a change, compared with the rest of the repository around them", () => {
  it.each(["", "shop/"])("a variable that the kustomization of %j copies into an image is its version", (folder) => {
    const files = { [`${folder}kustomization.yaml`]: COPIES, [`${folder}versions.env`]: "SHOP=1.0.0\n" };
    expect(compared(files, `${folder}versions.env`, "SHOP=1.1.0\n")).toEqual([["1.0.0", "1.1.0"]]);
  });
});

it("reads no more files of a change than are compared, and what it reads on both sides", async () => {
  const text = "x".repeat(1_000_000);
  const read: string[] = [];
  const git: Parameters<typeof versionsOf>[0] = {
    read: async (_, paths) => {
      read.push(...paths);
      return new Map(paths.map((path) => [path, { id: ID, text }]));
    },
  };
  const paths = Array.from({ length: 300 }, (_, index) => `apps/${index}.yaml`);
  const { before, after } = await versionsOf(git, [ID, ID], paths);
  expect([read.length, before.size, after.size]).toEqual([40, 20, 20]);
  expect((await versionsOf(git, [ID, ID], paths.slice(0, 3))).after.size).toBe(3);
});
