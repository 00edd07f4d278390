import { describe, expect, it } from "vitest";
import { SHARED_PATH } from "../../src/config/shared-config.ts";
import { repoName } from "../../src/core/names.ts";
import type { RepoKey } from "../../src/ports/queue.ts";
import { sharedSources, type SharedReader } from "../../src/operator/shared-sources.ts";
import { modelGit } from "../simulation/git.ts";

const SECOND = 1_000;
const GITOPS = key("acme/gitops");
const OTHER = key("acme/other");
const PLATFORM = key("acme/platform");

function key(repo: string): RepoKey {
  return { installation: 7, repo: repoName(repo) };
}

const reads = (text: string): SharedReader => ({
  git: modelGit(new Map([[SHARED_PATH, text]]), 0),
  forge: { repository: async () => ({ defaultBranch: "main", mergeMethods: [] }) },
});

/** `from`: what the repository is, or why it cannot be read. */
function world(from: SharedReader | Error, everywhere: readonly string[] = []) {
  const state = { from, now: 0, asked: 0, woken: [] as string[], alarms: [] as (() => void)[] };
  const sources = sharedSources({
    everywhere,
    readerOf: async () => {
      state.asked += 1;
      if (state.from instanceof Error) throw state.from;
      return state.from;
    },
    clock: { now: () => state.now },
    timers: {
      after: (_, run) => {
        state.alarms.push(run);
        return () => undefined;
      },
    },
    log: { info: () => undefined, warn: () => undefined },
    wake: async ({ repo }, at) => void state.woken.push(`${repo} ${at}`),
  });
  const textFor = async (one: RepoKey, named?: string) => {
    const base = await sources.baseOf(one)(named);
    return base.kind === "read" ? base.now?.text : base.kind === "unread" ? `${base.repo} ${base.why}` : base.kind;
  };
  return { state, sources, textFor };
}

describe("what a configuration is laid over", () => {
  it.each([
    ["nothing where nobody says so", [], undefined, "none"],
    ["what it names", [], "acme/platform", "version: 1\n"],
    ["what the operator says where it names nothing", ["acme/platform"], undefined, "version: 1\n"],
    ["what the operator says of another owner: nothing", ["shop/platform"], undefined, "none"],
    ["another owner's: not read", [], "shop/platform", "shop/platform is not one of acme's: no others are read"],
    ["no repository: not read", [], "platform", "platform is not one of acme's: no others are read"],
  ])("is %s", async (_, everywhere, named, text) => {
    expect(await world(reads("version: 1\n"), everywhere).textFor(GITOPS, named)).toBe(text);
  });

  it("is what the operator says, whatever it names", async () => {
    const { sources } = world(reads("version: 1\n"), ["Acme/Platform"]);
    expect(await sources.baseOf(GITOPS)("acme/easy")).toMatchObject({ kind: "read", repo: "Acme/Platform" });
  });

  it("is read once for all that extend it, and again after half a minute", async () => {
    const { state, textFor } = world(reads("version: 1\n"));
    await Promise.all([textFor(GITOPS, "acme/platform"), textFor(OTHER, "acme/platform")]);
    expect(state.asked).toBe(1);
    state.now = 31 * SECOND;
    await textFor(GITOPS, "acme/platform");
    expect(state.asked).toBe(2);
  });

  it("is what was read last while it cannot be read, without waiting for it", async () => {
    const { state, textFor } = world(reads("version: 1\n"));
    await textFor(GITOPS, "acme/platform");
    state.from = new Error("GitHub is down.");
    state.now = 31 * SECOND;
    expect(await textFor(GITOPS, "acme/platform")).toBe("version: 1\n");
  });

  it("is not known where it never could be read, and is when it can", async () => {
    const { state, sources, textFor } = world(new Error("There is no such repository."));
    expect(await textFor(GITOPS, "acme/platform")).toBe("acme/platform cannot be read: install the App on it");
    state.from = reads("version: 1\n");
    await sources.looked(PLATFORM);
    expect(state.woken).toEqual(["acme/gitops 0"]);
    expect(await textFor(GITOPS, "acme/platform")).toBe("version: 1\n");
  });

  it("is not waited for for long", async () => {
    const never = { ...reads(""), forge: { repository: () => new Promise<never>(() => undefined) } };
    const { state, textFor } = world(never);
    const asked = textFor(GITOPS, "acme/platform");
    state.alarms.forEach((ring) => ring());
    await new Promise((resolve) => setImmediate(resolve));
    state.alarms.forEach((ring) => ring());
    expect(await asked).toBe("acme/platform has not been read yet");
  });
});

describe("a look at what is extended", () => {
  it("has those looked at that extend it, apart, when it says something else", async () => {
    const { state, sources, textFor } = world(reads("version: 1\n"));
    await Promise.all([textFor(GITOPS, "acme/platform"), textFor(OTHER, "ACME/platform")]);
    await sources.looked(PLATFORM);
    expect(state.woken).toEqual([]);
    state.from = reads("version: 1\nbumps: queue\n");
    state.now = 5 * SECOND;
    await sources.looked(PLATFORM);
    expect(state.woken).toEqual(["acme/gitops 5000", "acme/other 5250"]);
    expect(await textFor(GITOPS, "acme/platform")).toBe("version: 1\nbumps: queue\n");
  });

  it("asks nothing where nobody extends it", async () => {
    const { state, sources } = world(reads("version: 1\n"));
    await sources.looked(GITOPS);
    expect(state.asked).toBe(0);
  });
});
