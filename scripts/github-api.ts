// `node scripts/github-api.ts <folder of @octokit/openapi> <folder of @octokit/openapi-webhooks>` takes out of GitHub's published descriptions
// what the sandbox serves and delivers: test/data/github. docs/contracts.md says when, and where the folders come from.
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { ROUTES } from "../src/sandbox/github/routes/all.ts";
import { wholePath } from "../src/sandbox/github/routing.ts";
import { describeApi, describeDeliveries } from "./github-description.ts";
import { laidOut } from "./laid-out.ts";

const TARGET = new URL("../test/data/github/", import.meta.url);
const DESCRIPTION = "generated/api.github.com.json";
const Package = z.object({ name: z.string(), version: z.string(), license: z.literal("MIT") });

/** What the sandbox delivers: events, or an event's actions. */
const DELIVERED = [
  ...["completed", "created", "requested_action", "rerequested"].map((action) => `check_run.${action}`),
  ...["created", "suspend", "unsuspend"].map((action) => `installation.${action}`),
  "installation_repositories.added",
  ...["created", "deleted", "edited"].map((action) => `issue_comment.${action}`),
  ...["checks_requested", "destroyed"].map((action) => `merge_group.${action}`),
  ...["closed", "converted_to_draft", "dequeued", "edited", "enqueued", "labeled"].map(
    (action) => `pull_request.${action}`,
  ),
  ...["opened", "ready_for_review", "reopened", "synchronize", "unlabeled"].map((action) => `pull_request.${action}`),
  "pull_request_review.submitted",
  "push",
  "repository.edited",
];

/** What the sandbox answers beside its table of routes. */
const BESIDE = [{ method: "POST", path: "/app-manifests/{code}/conversions" }];

/** Paths that GitHub answers and its description does not name by themselves; described elsewhere in it. */
const UNNAMED = new Set(["GET /repos/{owner}/{repo}/contents"]);

function write(file: string, from: string, described: object): void {
  const { name, version, license } = Package.parse(readJson(join(from, "package.json")));
  const source = { package: name, version, file: DESCRIPTION, license };
  writeFileSync(new URL(`${file}.json`, TARGET), `${laidOut({ source, ...described })}\n`);
  copyFileSync(join(from, "LICENSE"), new URL(`LICENSE.${file}`, TARGET));
  console.log(`test/data/github/${file}.json is taken from ${name} ${version}`);
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}

const [api, webhooks] = parseArgs({ allowPositionals: true }).positionals;
if (api === undefined || webhooks === undefined)
  throw new Error("Say the folders of @octokit/openapi and of @octokit/openapi-webhooks.");
const routes = ROUTES.map((route) => ({ method: route.method, path: wholePath(route) }));
const described = [...BESIDE, ...routes.filter(({ method, path }) => !UNNAMED.has(`${method} ${path}`))];
write("api", api, describeApi(readJson(join(api, DESCRIPTION)), described));
write("deliveries", webhooks, describeDeliveries(readJson(join(webhooks, DESCRIPTION)), DELIVERED));
