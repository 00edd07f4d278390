import { createServer, type ServerResponse } from "node:http";

import { afterEach, expect, it } from "vitest";

import { githubForge } from "../../../src/adapters/github/forge.ts";
import { limiter } from "../../../src/adapters/github/limiter.ts";
import { repoName } from "../../../src/core/names.ts";
import { hastyClock } from "../../support/fake-clock.ts";
import { HEAD, LANDED, NOON, PATH, pullJson } from "../../support/nocked-forge.ts";
import { memoryLog } from "../../support/remote.ts";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const REPOSITORY = { default_branch: "main", allow_squash_merge: true };
const json = (response: ServerResponse, body: unknown) =>
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));

/** A forge over a server that answers by `METHOD path`, each request with the next of that route's answers. */
async function forgeOver(answers: Readonly<Record<string, readonly ((response: ServerResponse) => unknown)[]>>) {
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const route = `${request.method} ${request.url}`;
    const count = counts.get(route) ?? 0;
    counts.set(route, count + 1);
    answers[route]?.[count]?.(response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const clock = hastyClock(NOON);
  const transport = {
    clock,
    log: memoryLog(),
    // Long enough that an answer that comes at all comes in time.
    timeoutMs: 1_000,
    limiter: limiter({ clock, limits: { minWriteGapMs: 0 } }),
    authorise: async () => "token t",
  };
  const identity = async () => ({ id: 1, login: "tidegate[bot]" });
  return {
    forge: githubForge({ repo: repoName("acme/gitops"), baseUrl: `http://127.0.0.1:${port}`, identity, transport }),
    counts,
  };
}

const silent = () => undefined;
const stalled = (response: ServerResponse) =>
  response.writeHead(200, { "content-type": "application/json" }).write('{"default_branch": "ma');

it.each([
  ["does not come", silent],
  ["stops in the middle", stalled],
])("gives a read another try when an answer %s", async (_, fail) => {
  const { forge, counts } = await forgeOver({ [`GET ${PATH}`]: [fail, (response) => json(response, REPOSITORY)] });
  expect((await forge.repository()).defaultBranch).toBe("main");
  expect(counts.get(`GET ${PATH}`)).toBe(2);
});

it.each([
  ["does not come", silent],
  ["stops in the middle", stalled],
])("looks what became of a merge whose answer %s, and sends it once", async (_, fail) => {
  const merged = pullJson({ merged: true, state: "closed", merge_commit_sha: LANDED });
  const { forge, counts } = await forgeOver({
    [`GET ${PATH}`]: [(response) => json(response, REPOSITORY)],
    [`PUT ${PATH}/pulls/7/merge`]: [fail],
    [`GET ${PATH}/pulls/7`]: [(response) => json(response, merged)],
  });
  expect(await forge.mergePull(7, HEAD, { title: "t", body: "b" }, "step")).toEqual({ kind: "merged", sha: LANDED });
  expect(counts.get(`PUT ${PATH}/pulls/7/merge`)).toBe(1);
});
