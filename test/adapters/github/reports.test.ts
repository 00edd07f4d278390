import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { HEAD, LANDED, nockedForge, NOON, OTHER, PATH, strictly, user } from "../../support/nocked-forge.ts";

beforeAll(strictly.before);
afterEach(strictly.after);

const ARGO = "acme-argocd[bot]";
const STATUS = { by: ARGO, posted: { kind: "status", label: "argocd/checkout" } } as const;
const DEPLOYMENT = { by: ARGO, posted: { kind: "deployment", label: "prod" } } as const;
const at = (ms: number) => new Date(NOON + ms).toISOString();
const said = (state: string, changes: Record<string, unknown> = {}) => ({
  state,
  context: "argocd/checkout",
  creator: user(ARGO),
  created_at: at(0),
  ...changes,
});

describe("statuses of a commit", () => {
  const outcomes = async (statuses: readonly object[]) => {
    const { forge, github } = nockedForge();
    github.get(`${PATH}/commits/${HEAD}/statuses`).query({ per_page: 100 }).reply(200, statuses);
    return (await forge.reports(STATUS, [HEAD])).map(({ outcome }) => outcome);
  };

  it.each([
    ["none", [], []],
    ["a success", [said("success")], ["success"]],
    ["a failure", [said("failure")], ["failure"]],
    ["an error, which is a failure", [said("error")], ["failure"]],
    ["the newest of several", [said("success"), said("failure")], ["success"]],
    ["nothing while it is pending again", [said("pending"), said("success")], []],
    ["nothing under another context", [said("success", { context: "argocd/checkout-2" })], []],
    ["nothing by another account", [said("success", { creator: user("ana") })], []],
    ["nothing by an account that is gone", [said("success", { creator: null })], []],
    [
      "what an account said beneath another's",
      [said("success", { creator: user("ana") }), said("failure")],
      ["failure"],
    ],
    ["an account in other letters", [said("success", { creator: user("Acme-ArgoCD[bot]") })], ["success"]],
  ])("tell %s", async (_, statuses, expected) => {
    expect(await outcomes(statuses)).toEqual(expected);
  });

  it("are asked for with what is known, and an unchanged answer stands", async () => {
    const { forge, github } = nockedForge();
    const path = `${PATH}/commits/${HEAD}/statuses?per_page=100`;
    github.get(path).reply(200, [said("success")], { etag: '"1"' });
    github.get(path).matchHeader("if-none-match", '"1"').reply(304);
    const first = await forge.reports(STATUS, [HEAD]);
    expect(first).toEqual([{ commit: HEAD, at: NOON, outcome: "success" }]);
    expect(await forge.reports(STATUS, [HEAD])).toEqual(first);
  });

  it("are asked for once for all that are asked about at the same time, and again after that", async () => {
    const { forge, github } = nockedForge();
    const till = said("failure", { context: "argocd/till" });
    github
      .get(`${PATH}/commits/${HEAD}/statuses?per_page=100`)
      .times(2)
      .reply(200, [said("success"), till]);
    const other = { by: ARGO, posted: { kind: "status", label: "argocd/till" } } as const;
    const both = await Promise.all([forge.reports(STATUS, [HEAD]), forge.reports(other, [HEAD])]);
    expect(both.flat().map(({ outcome }) => outcome)).toEqual(["success", "failure"]);
    expect(await forge.reports(STATUS, [HEAD])).toHaveLength(1);
  });

  it("are an error where GitHub does not let them be read", async () => {
    const { forge, github } = nockedForge();
    const message = "Resource not accessible by integration";
    github.get(`${PATH}/commits/${HEAD}/statuses`).query(true).reply(403, { message });
    await expect(forge.reports(STATUS, [HEAD])).rejects.toMatchObject({ fault: "forbidden" });
  });
});

describe("deployments", () => {
  const deployment = (id: number, sha: string, changes: Record<string, unknown> = {}) => ({
    id,
    sha,
    environment: "prod",
    creator: user(ARGO),
    ...changes,
  });

  it("are asked of the account's own of these commits alone, and what GitHub made inactive is what it was before", async () => {
    const { forge, github } = nockedForge();
    github
      .get(`${PATH}/deployments`)
      .query({ environment: "prod", per_page: 100 })
      .reply(200, [
        deployment(1, HEAD),
        deployment(2, LANDED),
        deployment(3, OTHER),
        deployment(4, HEAD, { creator: user("ana") }),
        deployment(5, HEAD, { environment: "prod-2" }),
      ]);
    github
      .get(`${PATH}/deployments/1/statuses`)
      .query({ per_page: 100 })
      .reply(200, [said("inactive", { created_at: at(9_000) }), said("success", { created_at: at(2_000) })]);
    github
      .get(`${PATH}/deployments/2/statuses`)
      .query({ per_page: 100 })
      .reply(200, [said("success", { creator: user("ana") }), said("failure", { created_at: at(1_000) })]);
    expect(await forge.reports(DEPLOYMENT, [HEAD, LANDED])).toEqual([
      { commit: HEAD, at: NOON + 2_000, outcome: "success" },
      { commit: LANDED, at: NOON + 1_000, outcome: "failure" },
    ]);
  });
});
