import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/rest";
import { afterAll, expect, it } from "vitest";
import { APP, REPO, testGitHub } from "../../support/github.ts";

const [owner = "", repo = ""] = REPO.split("/");

const world = await testGitHub({ clock: { now: () => Date.now() } });
const auth = { appId: APP.id, privateKey: world.key.privateKey, installationId: world.github.installationId(REPO) };
const octokit = new Octokit({ authStrategy: createAppAuth, auth, baseUrl: world.github.url });
afterAll(() => world.close());

it("GitHub's own client signs in as the App and walks all pages", async () => {
  for (let at = 0; at < 5; at += 1) {
    await world.github.openPull({
      repo: REPO,
      user: "ben",
      branch: `b${at}`,
      files: { [`${at}`]: "1" },
      title: `Bump ${at}`,
    });
  }
  const pulls = await octokit.paginate(octokit.rest.pulls.list, { owner, repo, per_page: 2 });
  expect(pulls.map(({ title }) => title)).toEqual(["Bump 4", "Bump 3", "Bump 2", "Bump 1", "Bump 0"]);
});

it("and finds every address that it builds", async () => {
  const where = { owner, repo };
  const { data: pull } = await octokit.rest.pulls.get({ ...where, pull_number: 1 });
  await octokit.rest.checks.create({ ...where, name: "tidegate/gate", head_sha: pull.head.sha, conclusion: "success" });
  const checks = await octokit.rest.checks.listForRef({ ...where, ref: "b0", check_name: "tidegate/gate" });
  expect(checks.data.total_count).toBe(1);
  const ref = await octokit.rest.git.getRef({ ...where, ref: "heads/b0" });
  expect(ref.data.object.sha).toBe(pull.head.sha);
  const content = await octokit.rest.repos.getContent({ ...where, path: "app.yaml" });
  expect(content.data).toMatchObject({ type: "file" });
  const compared = await octokit.rest.repos.compareCommitsWithBasehead({ ...where, basehead: "main...b0" });
  expect(compared.data.ahead_by).toBe(1);
  const permission = await octokit.rest.repos.getCollaboratorPermissionLevel({ ...where, username: "ben" });
  expect(permission.data.permission).toBe("write");
  const merged = await octokit.rest.pulls.merge({
    ...where,
    pull_number: 1,
    sha: pull.head.sha,
    merge_method: "squash",
  });
  const found = await octokit.rest.repos.listPullRequestsAssociatedWithCommit({
    ...where,
    commit_sha: merged.data.sha,
  });
  expect(found.data.map(({ number }) => number)).toEqual([1]);
});
