import { Octokit } from "@octokit/core";

import type { RepoName } from "../../core/names.ts";
import type { ForgeReader, ForgeWriter } from "../../ports/forge.ts";
import { ownerAndName, type Api, type AppIdentity } from "./api.ts";
import { readCheck, report } from "./checks.ts";
import { isAnswered, react, readComments, say } from "./comments.ts";
import { mergePull } from "./merge.ts";
import { closePull, describePull, openPull, openPulls, pullsOf } from "./pulls.ts";
import { readPermission, readRepository } from "./repository.ts";
import { attach, type Transport } from "./transport.ts";

export type ForgeOptions = {
  readonly repo: RepoName;
  /** GitHub's API, without a slash at the end. */
  readonly baseUrl: string;
  readonly identity: () => Promise<AppIdentity>;
  readonly transport: Transport;
};

/** One repository as the forge's ports, over REST. Failures are ForgeErrors. It keeps answers to reads, so one per repository should live long. */
export function githubForge({ repo, baseUrl, identity, transport }: ForgeOptions): ForgeReader & ForgeWriter {
  const octokit = new Octokit({ baseUrl, log: SILENT });
  attach(octokit, transport);
  const api: Api = { request: octokit.request, repo: ownerAndName(repo), identity, log: transport.log };
  return {
    repository: () => readRepository(api, "step"),
    openPulls: (base) => openPulls(api, base),
    pullsOf: (commit) => pullsOf(api, commit),
    check: (headSha, name) => readCheck(api, headSha, name, "step"),
    comments: (since) => readComments(api, since),
    answered: (comment) => isAnswered(api, comment),
    permission: (login) => readPermission(api, login),
    openPull: (pull, lane) => openPull(api, pull, lane),
    describePull: (number, title, body) => describePull(api, number, title, body),
    mergePull: (number, headSha, message, lane) => mergePull(api, { number, headSha, message, lane }),
    closePull: (number) => closePull(api, number),
    report: (check, lane) => report(api, check, lane),
    say: (pull, topic, text) => say(api, pull, topic, text),
    react: (comment, reaction) => react(api, comment, reaction),
  };
}

const nothing = () => undefined;

/** Octokit's own words go nowhere: what matters is an error or a line of ours. */
export const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing };
