import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { manifestsIn } from "../../../src/sandbox/cluster/objects.ts";
import { renderedHead, type Renderer } from "../../../src/sandbox/cluster/rendered.ts";
import { applicationText, fluxText, helmReleaseText } from "../../support/layout-texts.ts";

const SERVICE = `apiVersion: v1
kind: Service
metadata:
  name: checkout
`;
const KUSTOMIZATION = "resources: [../base, service.yaml]\n";
const BASE = { "apps/a/base/kustomization.yaml": "resources: []\n", "apps/a/base/x.yaml": "x: 1\n" };

type Call = { readonly program: string; readonly given: readonly string[] };

/** Programs that give the Service of the folder, or fail where a file says so, and tell what they were asked. */
function programs(failing = "") {
  const calls: Call[] = [];
  const program =
    (called: string): Renderer =>
    (folder, given) => {
      calls.push({ program: called, given });
      const said = failing === "" ? "" : readFileSync(join(folder, failing), "utf8");
      if (said.includes("broken")) return Promise.resolve({ kind: "failed", said });
      return Promise.resolve({ kind: "rendered", objects: manifestsIn(SERVICE) });
    };
  return { calls, renderers: { kustomize: program("kustomize"), helm: program("helm") } };
}

function headOf(files: Readonly<Record<string, string>>, failing = "") {
  const { calls, renderers } = programs(failing);
  let now = { sha: "1", files: new Map(Object.entries(files)) };
  const head = renderedHead(() => Promise.resolve(now), renderers);
  const change = (sha: string, more: Readonly<Record<string, string>>) => {
    now = { sha, files: new Map([...now.files, ...Object.entries(more)]) };
  };
  return { head, change, calls };
}

async function objectsOf(head: ReturnType<typeof headOf>["head"], folder: string) {
  return manifestsIn((await head()).files.get(`${folder}/rendered.yaml`) ?? "");
}

describe("what delivers, rendered", () => {
  it.each([
    [
      "an Application of a kustomization",
      { "apps/a/prod/kustomization.yaml": KUSTOMIZATION, ...BASE },
      applicationText({ name: "a", target: "shop", path: "apps/a/prod" }),
      { program: "kustomize", given: ["apps/a/prod"] },
    ],
    [
      "an Application of a chart, with its values in their order",
      { "apps/a/chart/Chart.yaml": "name: a\n", "apps/a/prod/values.yaml": "a: 1\n", "owned.yaml": "b: 1\n" },
      applicationText({
        name: "a",
        target: "shop",
        path: "apps/a/chart",
        release: "a-canary",
        values: ["../prod/values.yaml", "/owned.yaml"],
      }),
      {
        program: "helm",
        given: [
          "a-canary",
          "apps/a/chart",
          "--namespace",
          "shop",
          "--values",
          "values-0.yaml",
          "--values",
          "values-1.yaml",
        ],
      },
    ],
  ])("%s is what the program gives, in its namespace", async (_, files, application, call) => {
    const { head, calls } = headOf({ ...files, "clusters/a.yaml": application });
    expect(await objectsOf(head, "a")).toEqual([
      { apiVersion: "v1", kind: "Service", metadata: { name: "checkout", namespace: "shop" } },
    ]);
    expect(calls).toEqual([call]);
  });

  it("a folder without a kustomization is its own files", async () => {
    const application = applicationText({ name: "a", target: "shop", path: "apps/a" });
    const { head, calls } = headOf({
      "apps/a/service.yaml": SERVICE,
      "apps/a/b/x.yaml": "x",
      "clusters/a.yaml": application,
    });
    expect(await objectsOf(head, "a")).toMatchObject([{ metadata: { name: "checkout", namespace: "shop" } }]);
    expect(calls).toEqual([]);
  });

  it("a HelmRelease is its chart with the values that ConfigMaps beside it have, and every other object itself", async () => {
    const values = `apiVersion: v1
kind: ConfigMap
metadata: { name: a-values, namespace: shop }
data: { values.yaml: "a: 1", tidegate.yaml: "b: 1" }
`;
    const release = helmReleaseText("a", "./apps/a/chart").replace("name: a\n", "name: a\n  namespace: shop\n");
    const { head, calls } = headOf({
      "apps/a/prod/release.yaml": release,
      "apps/a/prod/values.yaml": values,
      "apps/a/chart/Chart.yaml": "name: a\n",
      "clusters/a.yaml": fluxText("a", "./apps/a/prod"),
    });
    expect((await objectsOf(head, "a")).map(({ kind }) => kind)).toEqual(["Service", "ConfigMap"]);
    expect(calls.map(({ given }) => given[0])).toEqual(["a"]);
  });

  it("runs a program again only where one of its files has changed, whatever else has", async () => {
    const { head, change, calls } = headOf({
      "apps/a/prod/kustomization.yaml": KUSTOMIZATION,
      ...BASE,
      "clusters/a.yaml": applicationText({ name: "a", target: "shop", path: "apps/a/prod" }),
    });
    await head();
    change("2", { "apps/b/x.yaml": "x", "apps/a/other/x.yaml": "x" });
    expect((await head()).sha).toBe("2");
    expect(calls).toHaveLength(1);
    change("3", { "apps/a/base/x.yaml": "x: 2\n" });
    await head();
    change("4", { "apps/a/base/x.yaml": "x: 1\n" });
    await head();
    expect(calls).toHaveLength(2);
  });

  it.each([
    [
      "the program fails",
      { "apps/a/prod/kustomization.yaml": "broken: 1\n" },
      /^broken: 1/,
      "apps/a/prod/kustomization.yaml",
    ],
    ["there is no such folder", {}, /^apps\/a\/prod: there is no such folder/, ""],
    ["it says what is not imitated", { "clusters/a.yaml": "kustomize" }, /Unrecognized key: "kustomize"/, ""],
  ])("says why nothing is there where %s", async (_, files, said, failing) => {
    const application = applicationText({ name: "a", target: "shop", path: "apps/a/prod" });
    const strange = application.replace("    path:", "    kustomize: { namePrefix: x- }\n    path:");
    const { head } = headOf(
      { ...files, "clusters/a.yaml": "clusters/a.yaml" in files ? strange : application },
      failing,
    );
    const { broken, files: rendered } = await head();
    expect(rendered).toEqual(new Map());
    expect(broken?.get("a")).toMatch(said);
  });
});
