import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/rest";
import { afterAll, expect, it } from "vitest";
import { APP, REPO, testGitHub } from "../../support/github.ts";

const [owner = "", repo = ""] = REPO.split("/");
const where = { owner, repo };
const ARGO = "acme-argocd[bot]";

const world = await testGitHub({ clock: { now: () => Date.now() } });
const { github } = world;
const auth = { appId: APP.id, privateKey: world.key.privateKey, installationId: github.installationId(REPO) };
const octokit = new Octokit({ authStrategy: createAppAuth, auth, baseUrl: github.url });
afterAll(() => world.close());

const [head] = await github.log(REPO, "main");
const sha = head?.sha ?? "";
const by = (user: string) => ({ repo: REPO, user, sha });

it("lists a commit's statuses, newest first, with whose they are", async () => {
  await github.postStatus({ ...by(ARGO), context: "argocd/checkout", state: "pending" });
  await github.postStatus({ ...by("ben"), context: "ci", state: "success", description: "all is well" });
  const { data } = await octokit.rest.repos.listCommitStatusesForRef({ ...where, ref: sha });
  expect(data.map(({ state, context, creator }) => [state, context, creator?.login])).toEqual([
    ["success", "ci", "ben"],
    ["pending", "argocd/checkout", ARGO],
  ]);
});

it("takes statuses of nobody who may not push, and of no commit that is not there", async () => {
  const status = { context: "ci", state: "success" } as const;
  await expect(github.postStatus({ ...by("cleo"), ...status })).rejects.toThrow("needs the role write");
  await expect(github.postStatus({ ...by(ARGO), ...status, sha: "f".repeat(40) })).rejects.toThrow("No commit found");
});

it("keeps one deployment of a commit and environment, and makes older ones inactive by a success", async () => {
  const next = await github.push({ repo: REPO, user: "ben", branch: "next", files: { a: "1" }, message: "Next" });
  const said = { ...by(ARGO), environment: "prod-checkout" } as const;
  await github.reportDeployment({ ...said, state: "in_progress" });
  await github.reportDeployment({ ...said, state: "success" });
  await github.reportDeployment({ ...said, sha: next, state: "success" });
  await github.reportDeployment({ ...said, environment: "production", state: "success" });
  const { data } = await octokit.rest.repos.listDeployments({ ...where, environment: "prod-checkout" });
  expect(data.map((one) => [one.sha, one.creator?.login])).toEqual([
    [next, ARGO],
    [sha, ARGO],
  ]);
  const statuses = await octokit.rest.repos.listDeploymentStatuses({ ...where, deployment_id: data[1]?.id ?? 0 });
  expect(statuses.data.map(({ state }) => state)).toEqual(["inactive", "success", "in_progress"]);
});

it("shows both only to an App that may read them", async () => {
  github.permit(REPO, "deployments", undefined);
  await expect(octokit.rest.repos.listDeployments(where)).rejects.toMatchObject({ status: 403 });
});
