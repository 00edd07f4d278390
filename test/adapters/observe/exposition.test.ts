import { describe, expect, it } from "vitest";
import { METRICS } from "../../../src/adapters/observe/catalogue.ts";
import { exposition, type Asked } from "../../../src/adapters/observe/exposition.ts";
import { repoName } from "../../../src/core/names.ts";
import type { QueueState } from "../../../src/ports/queue.ts";
import type { Standings } from "../../../src/ports/telemetry.ts";

const KEY = { installation: 7, repo: repoName("acme/gitops") };
const QUEUE: QueueState = { isUp: true, waiting: 2, running: 1, oldestDue: 40_000, stalled: 3, putOff: 4 };
const STANDINGS: Standings = {
  stages: new Map([
    ["resting", 9],
    ["baking", 1],
  ]),
  verdicts: new Map([["wait", 1]]),
  releases: 1,
  blind: 0,
  overdue: 0,
  oldestStep: 10_000,
  abortsWaiting: 0,
};

function world() {
  let now = 50_000;
  const shown = exposition({ version: "1.2.3", ofProcess: false, now: () => now, keepMs: 60_000 });
  const read = async (asked: Partial<Asked> = {}) => {
    const { text } = await shown.metrics({
      queue: async () => QUEUE,
      limits: () => [],
      unready: () => undefined,
      ...asked,
    });
    return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  };
  return { ...shown.telemetry, read, pass: (ms: number) => (now += ms) };
}

/** The samples whose name is one of the catalogue's. */
async function samples(read: () => Promise<readonly string[]>, name: string): Promise<readonly string[]> {
  return (await read()).filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

describe("work", () => {
  it("is counted and timed by what it came to, and gives what it gives", async () => {
    const { during, read } = world();
    const call = { kind: "forgeCall", request: "GET /app", call: "read", lane: "step" } as const;
    expect(
      await during(
        call,
        async () => 5,
        () => "200",
      ),
    ).toBe(5);
    expect(await samples(read, "tidegate_github_requests_total")).toEqual([
      'tidegate_github_requests_total{call="read",lane="step",status="200"} 1',
    ]);
    expect(await samples(read, "tidegate_github_request_duration_seconds_count")).toEqual([
      'tidegate_github_request_duration_seconds_count{call="read"} 1',
    ]);
  });

  it("that throws is thrown on, and counted as failed", async () => {
    const { during, read } = world();
    const failure = new Error("bad object");
    const command = { kind: "gitCommand", command: "fetch" } as const;
    await expect(during(command, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(await samples(read, "tidegate_git_commands_total")).toEqual([
      'tidegate_git_commands_total{command="fetch",result="failed"} 1',
    ]);
  });

  it("of a repository that fails is counted in a row, until a look ends well", async () => {
    const { during, read } = world();
    const look = { kind: "look", id: "1", key: KEY } as const;
    const fail = () => during(look, () => Promise.reject(new Error("down"))).catch(() => undefined);
    await fail();
    await fail();
    expect(await samples(read, "tidegate_failing_looks")).toEqual([
      'tidegate_failing_looks{repository="acme/gitops"} 2',
    ]);
    await during(look, async () => undefined);
    expect(await samples(read, "tidegate_failing_looks")).toEqual([]);
    expect(await samples(read, "tidegate_last_look_timestamp_seconds")).toEqual([
      "tidegate_last_look_timestamp_seconds 50",
    ]);
  });
});

describe("what looks found", () => {
  it("is shown by repository, and never by service", async () => {
    const { tell, read } = world();
    tell({ kind: "stood", key: KEY, standings: STANDINGS });
    expect(await samples(read, "tidegate_members")).toEqual([
      'tidegate_members{repository="acme/gitops",stage="resting"} 9',
      'tidegate_members{repository="acme/gitops",stage="baking"} 1',
    ]);
    expect(await samples(read, "tidegate_oldest_step_seconds")).toEqual([
      'tidegate_oldest_step_seconds{repository="acme/gitops"} 40',
    ]);
    // What is counted from 0 shows its first abort as a growth.
    expect(await samples(read, "tidegate_aborts_total")).toContain(
      'tidegate_aborts_total{repository="acme/gitops",by="gate"} 0',
    );
  });

  it("is forgotten where no look comes any more, and where nothing is under Tidegate", async () => {
    const { tell, read, pass } = world();
    tell({ kind: "stood", key: KEY, standings: STANDINGS });
    pass(60_001);
    expect(await samples(read, "tidegate_releases")).toEqual([]);
    tell({ kind: "stood", key: KEY, standings: STANDINGS });
    tell({ kind: "stood", key: KEY, standings: { ...STANDINGS, stages: new Map() } });
    expect(await samples(read, "tidegate_releases")).toEqual([]);
  });

  it("counts whom a commit has moved", async () => {
    const { tell, read } = world();
    tell({ kind: "stepped", key: KEY, step: "promote", on: "gate", members: 3 });
    tell({ kind: "landed", key: KEY, what: "abort", by: "gate", members: 2 });
    tell({ kind: "landed", key: KEY, what: "lower", by: undefined, members: 2 });
    expect(await samples(read, "tidegate_steps_total")).toEqual([
      'tidegate_steps_total{repository="acme/gitops",step="promote",on="gate"} 3',
    ]);
    expect(await samples(read, "tidegate_aborts_total")).toEqual([
      'tidegate_aborts_total{repository="acme/gitops",by="gate"} 2',
    ]);
  });
});

describe("the queue", () => {
  it("is asked when somebody reads", async () => {
    const { read } = world();
    const lines = (await read()).filter((line) => line.startsWith("tidegate_queue"));
    expect(lines).toEqual([
      "tidegate_queue_waiting 2",
      "tidegate_queue_running 1",
      "tidegate_queue_put_off 4",
      "tidegate_queue_oldest_due_seconds 10",
      "tidegate_queue_stalled_total 3",
      "tidegate_queue_up 1",
    ]);
  });

  it("that does not answer is down, and nothing older is shown for it", async () => {
    const { read } = world();
    await read();
    const lines = (await read({ queue: () => Promise.reject(new Error("away")) })).filter((line) =>
      line.startsWith("tidegate_queue"),
    );
    expect(lines).toEqual(["tidegate_queue_stalled_total 3", "tidegate_queue_up 0"]);
  });
});

it("shows what is known of GitHub's limits, and nothing of an hour that is over", async () => {
  const { read, pass } = world();
  const rate = { most: 10, perMs: 60_000 };
  const limits: Asked["limits"] = () => [
    {
      installation: 7,
      points: { ...rate, used: 5 },
      contentPerMinute: { ...rate, used: 12 },
      contentPerHour: { ...rate, used: 0 },
      hour: { left: 400, limit: 5_000, resetAt: 60_000 },
      waiting: { abort: 0, person: 0, step: 2, talk: 0, news: 3, progress: 1 },
      running: 1,
      blockedUntil: { ordinary: 80_000, abort: 0 },
      refused: 1,
      heldBack: 4,
      repositories: [{ repo: KEY.repo, pushes: { ...rate, used: 1 }, merges: { ...rate, used: 2 } }],
    },
  ];
  const lines = (await read({ limits })).filter((line) => /_github_[hlb]|_waiting\{|repository_limit/.test(line));
  expect(lines).toEqual([
    'tidegate_github_hourly_left{installation="7"} 400',
    'tidegate_github_hourly_limit{installation="7"} 5000',
    'tidegate_github_limit_used_ratio{installation="7",limit="points"} 0.5',
    'tidegate_github_limit_used_ratio{installation="7",limit="contentPerMinute"} 1.2',
    'tidegate_github_limit_used_ratio{installation="7",limit="contentPerHour"} 0',
    'tidegate_repository_limit_used_ratio{repository="acme/gitops",limit="pushes"} 0.1',
    'tidegate_repository_limit_used_ratio{repository="acme/gitops",limit="merges"} 0.2',
    'tidegate_github_requests_waiting{installation="7",lane="abort"} 0',
    'tidegate_github_requests_waiting{installation="7",lane="person"} 0',
    'tidegate_github_requests_waiting{installation="7",lane="step"} 2',
    'tidegate_github_requests_waiting{installation="7",lane="talk"} 0',
    'tidegate_github_requests_waiting{installation="7",lane="news"} 3',
    'tidegate_github_requests_waiting{installation="7",lane="progress"} 1',
    'tidegate_github_blocked_seconds{installation="7",lane="ordinary"} 30',
    'tidegate_github_blocked_seconds{installation="7",lane="abort"} 0',
    'tidegate_github_held_back_total{installation="7"} 4',
  ]);
  pass(10_000);
  expect((await read({ limits })).filter((line) => line.includes("hourly"))).toEqual([]);
});

describe("labels", () => {
  it("of webhooks are few, whatever is sent", async () => {
    const { tell, read } = world();
    const seconds = 0.01;
    tell({ kind: "webhook", status: 202, event: "push", seconds });
    for (let one = 0; one < 50; one += 1) tell({ kind: "webhook", status: 202, event: `event_${one}`, seconds });
    tell({ kind: "webhook", status: 401, event: undefined, seconds });
    expect(await samples(read, "tidegate_webhooks_total")).toEqual([
      'tidegate_webhooks_total{event="push",status="202"} 1',
      'tidegate_webhooks_total{event="other",status="202"} 50',
      'tidegate_webhooks_total{event="none",status="401"} 1',
    ]);
    expect(await samples(read, "tidegate_last_webhook_timestamp_seconds")).toHaveLength(2);
  });

  it("are the ones that are described, and each is described", () => {
    for (const { name, help, labels } of Object.values(METRICS)) {
      expect(name).toMatch(/^tidegate_[a-z_]+$/);
      expect(help).toMatch(/^[A-Z1].*\.$/);
      expect(Object.values(labels).every((words: string) => words.length > 5)).toBe(true);
    }
  });
});

it.each([1, 499, 500, 501, 1_203])("counts webhooks however many there were, each once: %i", async (count) => {
  const { tell, read } = world();
  for (let one = 0; one < count; one += 1) tell({ kind: "webhook", status: 202, event: "push", seconds: 0.01 });
  for (const _ of ["once", "again"]) {
    expect(await samples(read, "tidegate_webhooks_total")).toEqual([
      `tidegate_webhooks_total{event="push",status="202"} ${count}`,
    ]);
    expect(await samples(read, "tidegate_webhook_duration_seconds_count")).toEqual([
      `tidegate_webhook_duration_seconds_count ${count}`,
    ]);
  }
});

it("says what runs, and whether webhooks are welcome", async () => {
  const { read } = world();
  expect(await read({ unready: () => "Starting." })).toEqual(
    expect.arrayContaining([
      `tidegate_build_info{version="1.2.3",node="${process.versions.node}"} 1`,
      "tidegate_ready 0",
    ]),
  );
});
