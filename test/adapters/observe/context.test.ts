import { expect, it } from "vitest";
import { z } from "zod";
import { jsonLogger } from "../../../src/adapters/log.ts";
import { correlated, logContext } from "../../../src/adapters/observe/context.ts";
import { told } from "../../../src/adapters/observe/lines.ts";
import { repoName } from "../../../src/core/names.ts";
import type { Telemetry } from "../../../src/ports/telemetry.ts";

const KEY = { installation: 7, repo: repoName("acme/gitops") };
const NOBODY: Telemetry = { during: (_, work) => work(), tell: () => undefined };

function world(level: "debug" | "info") {
  const lines: Record<string, unknown>[] = [];
  const add = (line: string) => void lines.push(z.record(z.string(), z.unknown()).parse(JSON.parse(line)));
  const context = logContext();
  const logger = jsonLogger(level, add, { around: context.fields });
  return { lines, logger, telemetry: correlated(context, told(logger, NOBODY)) };
}

it("puts the id of a look on every line that is written within it, and on no other", async () => {
  const { lines, logger, telemetry } = world("info");
  const look = (id: string) =>
    telemetry.during({ kind: "look", id, key: KEY }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      logger.info("Read.");
    });
  await Promise.all([look("one"), look("two")]);
  logger.info("Ends.");
  expect(lines.map(({ msg, look: of, repo, installation }) => [msg, of, repo, installation])).toEqual([
    ["Read.", "one", "acme/gitops", 7],
    ["Read.", "two", "acme/gitops", 7],
    ["Ends.", undefined, undefined, undefined],
  ]);
});

it("says at debug how long looks and webhooks took, whose they were, and how a failed one ended too", async () => {
  const { lines, telemetry } = world("debug");
  await telemetry.during({ kind: "delivery", id: "72d3162e", event: "push" }, async () => undefined);
  const failed = telemetry.during({ kind: "look", id: "one", key: KEY }, () => Promise.reject(new Error("down")));
  await expect(failed).rejects.toThrow("down");
  await telemetry.during({ kind: "gitCommand", command: "fetch" }, async () => undefined);
  expect(lines).toEqual([
    expect.objectContaining({ msg: "Answered a webhook.", delivery: "72d3162e", event: "push" }),
    expect.objectContaining({ msg: "Looked at a repository.", look: "one", repo: "acme/gitops" }),
  ]);
  expect(lines.every(({ tookMs }) => typeof tookMs === "number")).toBe(true);
});

it("says at info what was merged", () => {
  const { lines, telemetry } = world("info");
  telemetry.tell({ kind: "stepped", key: KEY, step: "shift", on: "person", members: 2 });
  telemetry.tell({ kind: "landed", key: KEY, what: "abort", by: "gate", members: 1 });
  telemetry.tell({ kind: "throttled", lane: "step" });
  expect(lines).toEqual([
    expect.objectContaining({ msg: "A step was merged.", repo: "acme/gitops", step: "shift", on: "person" }),
    expect.objectContaining({ msg: "A commit was merged at once.", what: "abort", by: "gate" }),
  ]);
});
