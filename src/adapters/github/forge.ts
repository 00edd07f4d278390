import { Octokit } from "@octokit/core";

import type { RepoName } from "../../core/names.ts";
import type { ForgeReader, ForgeWriter } from "../../ports/forge.ts";
import { freshMemory, ownerAndName, type Api, type AppIdentity } from "./api.ts";
import { readCheck, report } from "./checks.ts";
import { closedBy, closedPulls, mergedBy } from "./closed.ts";
import { isAnswered, react, readComments } from "./comments.ts";
import { mergePull } from "./merge.ts";
import { closePull, openPull, openPulls, pullsOf, rewordPull } from "./pulls.ts";
import { readRepository } from "./repository.ts";
import { reportsReader } from "./reports.ts";
import { rulesReader } from "./rules.ts";
import { noteAsked, say } from "./say.ts";
import { isInTeam, readStanding } from "./standing.ts";
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
  const { log, clock } = transport;
  const api: Api = { request: octokit.request, repo: ownerAndName(repo), identity, log, memory: freshMemory() };
  const inTurn = turns();
  return {
    repository: () => readRepository(api, "step"),
    openPulls: (base) => openPulls(api, base),
    pullsOf: (commit) => pullsOf(api, commit),
    closedPulls: (base, since) => closedPulls(api, base, since),
    closedBy: (pull) => closedBy(api, pull),
    mergedBy: (pull) => mergedBy(api, pull),
    rules: rulesReader(api, clock),
    check: (headSha, name) => readCheck(api, headSha, name, "step"),
    comments: (since) => readComments(api, since),
    answered: (comment) => isAnswered(api, comment),
    standing: (login) => readStanding(api, login),
    reports: reportsReader(api),
    inTeam: (team, login) => isInTeam(api, team, login),
    openPull: (pull, lane) => openPull(api, pull, lane),
    mergePull: (number, headSha, message, lane) => mergePull(api, { number, headSha, message, lane }),
    closePull: (number) => closePull(api, number),
    rewordPull: (number, words) => rewordPull(api, number, words),
    report: (check, lane) => report(api, check, lane),
    say: (pull, topic, text) => say(api, pull, topic, text),
    react: (comment, reaction) => react(api, comment, reaction),
    // A webhook may come twice at once: the second sees what the first wrote.
    noteAsked: (pull, asked, verb) => inTurn(() => noteAsked(api, pull, asked, verb)),
  };
}

/** Runs one piece of work after the other, whatever became of the one before. */
function turns(): (work: () => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(nothing);
    return mine;
  };
}

const nothing = () => undefined;

/** Octokit's own words go nowhere: what matters is an error or a line of ours. */
export const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing };
