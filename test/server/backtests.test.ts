import { describe, expect, it } from "vitest";
import { backtestRunner, type BacktestRunnerParts } from "../../src/server/backtests.ts";
import { name } from "../../src/core/names.ts";
import type { BacktestAsked } from "../../src/ports/backtests.ts";
import { memberOf, NOW } from "../backtest/members.ts";

type Run = NonNullable<BacktestRunnerParts["run"]>;

const on = (id: number) => ({ kind: "comment", id }) as const;

const asking = (comment: number, services: readonly string[], others: readonly string[] = []): BacktestAsked => ({
  of: on(comment),
  members: services.map((service) => ({ kind: "known", member: memberOf(service) })),
  others: others.map((service) => ({ service: name(service), target: name("prod") })),
});

/** A runner over a way to play, with what it asks for and logs. */
function runnerOver(run: Run) {
  const [looks, log]: [number[], string[]] = [[], []];
  const words = (message: string) => void log.push(message);
  const runner = backtestRunner({
    networks: ["10.0.0.0/8"],
    clock: { now: () => NOW },
    log: { info: words, warn: words },
    run,
  });
  let looked = (): void => undefined;
  const of = (repository: string) =>
    runner.of(repository, async () => {
      looks.push(looks.length + 1);
      looked();
    });
  const nextLook = () =>
    new Promise<void>((resolve) => {
      looked = resolve;
    });
  return { runner, of, looks, log, nextLook };
}

const playsAll: Run = async ({ members }, tell) =>
  members.forEach(({ service }, index) => tell({ index, text: `${service} played` }));

describe("back-tests beside the looks", () => {
  it("are played once a comment, and found when they are over", async () => {
    const played: string[] = [];
    const { of, looks, nextLook } = runnerOver(async (task, tell, ended) => {
      played.push(task.members.map(({ service }) => service).join(" "));
      expect([task.now, task.networks, ended.aborted]).toEqual([NOW, ["10.0.0.0/8"], false]);
      return playsAll(task, tell, ended);
    });
    const here = of("acme/gitops");
    const look = nextLook();
    here.begin(asking(7, ["web", "cart"], ["pay"]));
    here.begin(asking(7, ["web", "cart"], ["pay"]));
    expect(here.found(on(7))).toBeUndefined();
    await look;
    here.begin(asking(7, ["web", "cart"], ["pay"]));
    expect([played, looks]).toEqual([["web cart"], [1]]);
    expect(
      here
        .found(on(7))
        ?.split("\n\n")
        .map((part) => part.slice(0, 40)),
    ).toEqual([
      "web played",
      "cart played",
      "Not played, as one answer has room for n",
      "Nothing was written or changed by this. ",
    ]);
    expect([here.found(on(8)), of("acme/other").found(on(7))]).toEqual([undefined, undefined]);
  });

  it("take turns, whatever repositories they are of", async () => {
    const ends: (() => void)[] = [];
    const { of } = runnerOver((task, tell, ended) =>
      new Promise<void>((resolve) => ends.push(resolve)).then(() => playsAll(task, tell, ended)),
    );
    const [one, two] = [of("acme/one"), of("acme/two")];
    one.begin(asking(1, ["web"]));
    two.begin(asking(2, ["cart"]));
    await turns();
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await turns();
    expect([one.found(on(1)) !== undefined, two.found(on(2)), ends.length]).toEqual([true, undefined, 2]);
  });

  it.each<[string, Error, string]>([
    ["fail", new Error("undefined is not a function"), "as playing it failed"],
    [
      "take too much memory",
      Object.assign(new Error("heap"), { code: "ERR_WORKER_OUT_OF_MEMORY" }),
      "as it takes more memory than is allowed here",
    ],
    ["take too long", new Error("The time for a back-test is over."), "as there was no more time"],
  ])("give what they have where they %s, and say of whom that is not", async (_, failure, words) => {
    const { of, log, nextLook } = runnerOver(async (_task, tell) => {
      tell({ index: 0, text: "web played" });
      throw failure;
    });
    const look = nextLook();
    of("acme/gitops").begin(asking(7, ["web", "cart"]));
    await look;
    expect(of("acme/gitops").found(on(7))).toMatch(new RegExp(`^web played\n\nNot played, ${words}: cart · prod\\.`));
    expect(log).toEqual(["A back-test was not played to its end."]);
  });

  it("say why a member cannot be asked about, and then play nothing", async () => {
    const { of, nextLook } = runnerOver(() => expect.fail("There is nothing to play."));
    const look = nextLook();
    const refused = {
      kind: "refused",
      service: name("web"),
      target: name("prod"),
      problems: ["no <provider>"],
    } as const;
    of("acme/gitops").begin({ of: on(7), members: [refused], others: [] });
    await look;
    expect(of("acme/gitops").found(on(7))).toMatch(
      /^\*\*web · prod\*\*: its past cannot be read: no &lt;provider&gt;\./,
    );
  });

  it("are refused where too many wait, and that is an answer as well", async () => {
    const { of, nextLook } = runnerOver(() => new Promise<void>(() => undefined));
    const here = of("acme/gitops");
    const look = nextLook();
    for (let comment = 1; comment <= 21; comment += 1) here.begin(asking(comment, ["web"]));
    await look;
    expect(here.found(on(20))).toBeUndefined();
    expect(here.found(on(21))).toMatch(/^Too many back-tests wait/);
  });

  it("that nobody has asked for wait a few at a time, and begin when there is room", async () => {
    const ends: (() => void)[] = [];
    const { of, nextLook } = runnerOver((task, tell, ended) =>
      new Promise<void>((resolve) => ends.push(resolve)).then(() => playsAll(task, tell, ended)),
    );
    const here = of("acme/gitops");
    const unasked = (pull: number) => ({ ...asking(0, ["web"]), of: { kind: "opt-in", pull, wish: "" } }) as const;
    for (let pull = 1; pull <= 5; pull += 1) here.begin(unasked(pull));
    here.begin(asking(7, ["cart"]));
    for (let turn = 0; turn < 5; turn += 1) {
      await turns();
      const look = nextLook();
      ends.shift()?.();
      await look;
    }
    expect([1, 2, 3, 4, 5].map((pull) => here.found(unasked(pull).of) !== undefined)).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
    expect(here.found(on(7))).toContain("cart played");
    here.begin(unasked(5));
    await turns();
    expect(ends).toHaveLength(1);
  });

  it("end with the process, and are not answered by it", async () => {
    const { runner, of, looks } = runnerOver(
      (_task, _tell, ended) =>
        new Promise<void>((_resolve, reject) => {
          ended.addEventListener("abort", () => reject(new Error("ended")));
        }),
    );
    const here = of("acme/gitops");
    here.begin(asking(7, ["web"]));
    await turns();
    await runner.stop();
    here.begin(asking(8, ["web"]));
    await turns();
    expect([here.found(on(7)), here.found(on(8)), looks]).toEqual([undefined, undefined, []]);
  });
});

/** Lets everything that is due happen. */
function turns(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
