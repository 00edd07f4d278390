import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { APP, REPO, linked, testGitHub } from "../../support/github.ts";
import { listen } from "../../support/listener.ts";
import { PATIENT } from "../../support/patience.ts";

const world = await testGitHub({
  users: { ana: { [REPO]: "admin" }, ben: { [REPO]: "write" }, cleo: { [REPO]: "read" }, eve: { [REPO]: "write" } },
});
const listener = await listen();
world.github.setWebhookUrl(listener.url);
afterAll(async () => {
  await world.close();
  await listener.close();
});

const NO_RULES = {
  mergeMethods: ["squash", "merge", "rebase"],
  requiredChecks: [],
  protectsDefaultBranch: false,
  approvals: 0,
  dismissesStale: false,
  codeOwners: false,
  mergeQueue: false,
  signatures: false,
  linear: false,
  bypass: "never",
} as const;
beforeEach(() => world.github.configure(REPO, NO_RULES));

const { configure, approve } = world.github;
const by = (user: string) => ({ repo: REPO, user });
const ONE = "At least 1 approving review is required by reviewers with write access.";

async function opened(files?: Readonly<Record<string, string>>) {
  const at = world.github.pulls(REPO).length + 1;
  return world.github.openPull({
    ...by("ben"),
    branch: `b${at}`,
    title: `Bump ${at}`,
    files: files ?? { [`f${at}`]: "x" },
  });
}

const merge = async (number: number, merge_method = "squash") => {
  const { status, json } = await world.ask("PUT", `/repos/${REPO}/pulls/${number}/merge`, { body: { merge_method } });
  return status === 200 ? "merged" : `${status} ${(json as { message: string }).message}`;
};

describe("approvals", () => {
  it("are counted once a person, of those who may write, and not of the author", async () => {
    configure(REPO, { approvals: 2 });
    const { number } = await opened();
    const two = "405 At least 2 approving reviews are required by reviewers with write access.";
    expect(await merge(number)).toBe(two);
    expect(() => approve({ ...by("ben"), number })).toThrow("Validation Failed");
    approve({ ...by("ana"), number });
    approve({ ...by("ana"), number });
    approve({ ...by("cleo"), number });
    expect(await merge(number)).toBe(two);
    approve({ ...by("eve"), number });
    expect(await merge(number)).toBe("merged");
  });

  it("hold for a later head unless stale ones are dismissed", async () => {
    configure(REPO, { approvals: 1 });
    const { number, head } = await opened();
    approve({ ...by("ana"), number });
    await world.github.push({ ...by("ben"), branch: head.branch, files: { more: "1" }, message: "More" });
    const states = async () =>
      ((await world.ask("GET", `/repos/${REPO}/pulls/${number}/reviews`)).json as { state: string }[]).map(
        ({ state }) => state,
      );
    expect(await states()).toEqual(["APPROVED"]);
    configure(REPO, { dismissesStale: true });
    expect(await states()).toEqual(["DISMISSED"]);
    expect(await merge(number)).toBe(`405 ${ONE}`);
    configure(REPO, { dismissesStale: false });
    expect(await merge(number)).toBe("merged");
  });

  it("tell the App", async () => {
    const { number, head } = await opened();
    approve({ ...by("ana"), number, body: "Well done." });
    await world.github.settled();
    const { body } = listener.heard.findLast(({ event }) => event === "pull_request_review") ?? { body: "{}" };
    expect(JSON.parse(body)).toMatchObject({
      action: "submitted",
      review: { state: "approved", body: "Well done.", commit_id: head.sha, user: { login: "ana" } },
      pull_request: { number },
      sender: { login: "ana" },
    });
  });
});

describe("code owners", () => {
  it("must approve what they own, one of them for each file", async () => {
    world.github.setTeam("acme/payments", ["eve"]);
    await world.github.push({
      ...by("ana"),
      branch: "main",
      files: { ".github/CODEOWNERS": "/payments/ @acme/payments\n/shop/ @ana\n" },
      message: "Owners",
    });
    configure(REPO, { codeOwners: true });
    expect(await merge((await opened()).number)).toBe("merged");
    const { number } = await opened({ "payments/a": "1", "shop/a": "1" });
    expect(await merge(number)).toBe("405 Waiting on code owner review from acme/payments.");
    approve({ ...by("eve"), number });
    expect(await merge(number)).toBe("405 Waiting on code owner review from ana.");
    approve({ ...by("ana"), number });
    expect(await merge(number)).toBe("merged");
  });
});

describe("history", () => {
  it("without merge commits takes a squash", async () => {
    configure(REPO, { linear: true });
    const { number } = await opened();
    expect(await merge(number, "merge")).toBe("405 This branch must not contain merge commits.");
    expect(await merge(number, "squash")).toBe("merged");
  });

  it("of verified commits takes what GitHub signed, and a squash by its author", async () => {
    configure(REPO, { signatures: true });
    const unsigned = "405 Commits must have verified signatures.";
    const { number, head } = await opened();
    expect(await merge(number, "merge")).toBe(unsigned);
    expect(await merge(number, "squash")).toBe(unsigned);
    expect(await merge(number, "rebase")).toBe(unsigned);
    await world.github.mergePull({ ...by("ben"), number, method: "squash" });
    const body = { title: "Ours", head: head.branch, base: "main" };
    await world.github.push({ ...by("ben"), branch: head.branch, files: { ours: "1" }, message: "Ours" });
    const ours = (await world.ask("POST", `/repos/${REPO}/pulls`, { body })).json as { number: number };
    expect(await merge(ours.number, "squash")).toBe("merged");
    const revert = await world.github.revert({ ...by("ana"), number: ours.number });
    expect(await merge(revert.number, "merge")).toBe("merged");
  });
});

describe("several rules", () => {
  it("are all named, and the pull request reads blocked", async () => {
    configure(REPO, { approvals: 1, mergeQueue: true, requiredChecks: [{ name: "tidegate/gate", appId: APP.id }] });
    const { number } = await opened();
    expect(await merge(number)).toBe(
      `405 Repository rule violations found\n\n${ONE}\n\nRequired status check "tidegate/gate" is expected.\n\nChanges must be made through the merge queue\n\n`,
    );
    await expect
      .poll(async () => (await world.ask("GET", `/repos/${REPO}/pulls/${number}`)).json, PATIENT)
      .toMatchObject({ mergeable: true, mergeable_state: "blocked" });
  });

  it("do not hold for another base", async () => {
    configure(REPO, { approvals: 1, mergeQueue: true });
    await world.github.push({ ...by("ben"), branch: "next", files: { next: "1" }, message: "Next" });
    const { number } = await opened();
    await world.github.editPull({ ...by("ben"), number, base: "next" });
    expect(await merge(number)).toBe("merged");
  });
});

describe("passing by", () => {
  const rules = { approvals: 1, mergeQueue: true, signatures: true, requiredChecks: [{ name: "ci" }] };
  const push = async () => {
    const sha = await world.github.push({
      ...by("ben"),
      branch: "side",
      files: { s: String(Math.floor(world.clock.at)) },
      message: "s",
      from: "main",
    });
    world.clock.at += 1000;
    const { status } = await world.ask("PATCH", `/repos/${REPO}/git/refs/heads/main`, { body: { sha, force: true } });
    return status;
  };

  it.each([
    ["always", true, 200],
    ["pullRequests", true, 422],
    ["never", false, 422],
  ] as const)("the App: %s", async (bypass, merges, pushes) => {
    configure(REPO, { ...rules, bypass });
    const { number } = await opened();
    expect((await merge(number)) === "merged").toBe(merges);
    expect(await push()).toBe(pushes);
  });

  it("an administrator, who says so; nobody by the App's leave", async () => {
    configure(REPO, { ...rules, bypass: "always" });
    const { number } = await opened();
    await expect(world.github.mergePull({ ...by("ana"), number })).rejects.toThrow(ONE);
    expect(() => world.github.mergePull({ ...by("eve"), number, bypass: "rules" })).toThrow("needs the role");
    await world.github.mergePull({ ...by("ana"), number, bypass: "rules" });
    expect(world.github.pulls(REPO).at(-1)?.state).toMatchObject({ kind: "merged", by: { login: "ana" } });
  });
});

describe("the rules of a branch", () => {
  const rulesOf = async (branch: string) => (await world.ask("GET", `/repos/${REPO}/rules/branches/${branch}`)).json;

  it("are none where none are set, and then there is no ruleset", async () => {
    expect(await rulesOf("main")).toEqual([]);
    expect((await world.ask("GET", `/repos/${REPO}/rulesets`)).json).toEqual([]);
    expect((await world.ask("GET", `/repos/${REPO}/rulesets/1`)).status).toBe(404);
  });

  it("are listed with their parameters and their ruleset, page by page", async () => {
    configure(REPO, {
      approvals: 1,
      codeOwners: true,
      mergeQueue: true,
      signatures: true,
      linear: true,
      requiredChecks: [{ name: "tidegate/gate", appId: APP.id }, { name: "ci" }],
    });
    const source = {
      ruleset_source_type: "Repository",
      ruleset_source: REPO,
      ruleset_id: expect.any(Number) as unknown,
    };
    const expected = [
      {
        type: "pull_request",
        parameters: { required_approving_review_count: 1, require_code_owner_review: true },
        ...source,
      },
      {
        type: "required_status_checks",
        parameters: {
          required_status_checks: [{ context: "tidegate/gate", integration_id: APP.id }, { context: "ci" }],
        },
        ...source,
      },
      { type: "merge_queue", ...source },
      { type: "required_signatures", ...source },
      { type: "required_linear_history", ...source },
    ];
    expect(await rulesOf("main")).toMatchObject(expected);
    expect(await rulesOf("other")).toEqual([]);
    const first = await world.ask("GET", `/repos/${REPO}/rules/branches/main?per_page=2`);
    expect(first.json).toMatchObject(expected.slice(0, 2));
    expect(linked(first, "next")).toContain("page=2");
  });

  it.each([
    ["always", "always"],
    ["pullRequests", "pull_requests_only"],
    ["never", "never"],
  ] as const)(
    "come from a ruleset that tells whether the App may pass by (%s), but not who else",
    async (bypass, told) => {
      configure(REPO, { approvals: 1, bypass });
      const [listed] = (await world.ask("GET", `/repos/${REPO}/rulesets`)).json as { id: number }[];
      const { json } = await world.ask("GET", `/repos/${REPO}/rulesets/${listed?.id}`);
      expect(json).toMatchObject({
        enforcement: "active",
        current_user_can_bypass: told,
        rules: [{ type: "pull_request" }],
      });
      expect(json).not.toHaveProperty("bypass_actors");
    },
  );
});
