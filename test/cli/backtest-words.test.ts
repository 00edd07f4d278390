import { describe, expect, it } from "vitest";
import { asked } from "../../src/cli/backtest-words.ts";
import type { Given } from "../../src/cli/command-line.ts";
import { errorOf, valueOf } from "../manifest/builders.ts";

const words = (said: readonly string[], values: Readonly<Record<string, string>> = {}): Given => ({
  words: said,
  switches: new Set(),
  values: new Map(Object.entries(values)),
});

describe("what a back-test is asked for", () => {
  it("is a service of the folder here, eight days back", () => {
    expect(valueOf(asked(words(["checkout"])))).toEqual({
      place: ".",
      at: undefined,
      service: "checkout",
      target: undefined,
      days: 8,
      excluded: [],
      releasesPerMonth: undefined,
      podLabel: "pod",
      seed: 1,
      isJson: false,
    });
  });

  it("is a target of a service somewhere, and all that can be said", () => {
    const said = { days: "2.5", seed: "7", "releases-per-month": "3", "pod-label": "instance", at: "main" };
    const exclude = "2026-11-18T09:00Z/2026-11-18T10:30Z,2026-11-19T00:00:00Z/2026-11-19T00:00:01Z";
    expect(valueOf(asked(words(["acme/gitops", "checkout/prod"], { ...said, exclude })))).toMatchObject({
      place: "acme/gitops",
      service: "checkout",
      target: "prod",
      days: 2.5,
      seed: 7,
      releasesPerMonth: 3,
      podLabel: "instance",
      at: "main",
      excluded: [
        { from: Date.UTC(2026, 10, 18, 9), to: Date.UTC(2026, 10, 18, 10, 30) },
        { from: Date.UTC(2026, 10, 19), to: Date.UTC(2026, 10, 19, 0, 0, 1) },
      ],
    });
  });

  it.each([
    [[], {}, "Which service is not said."],
    [["Check out"], {}, "Check out is not the name of a service, or service/target."],
    [["a/b/c"], {}, "a/b/c is not the name of a service, or service/target."],
    [["a/"], {}, " is not the name of a target."],
    [["a"], { days: "0" }, "--days takes a number from 1 to 30."],
    [["a"], { days: "1e3" }, "--days takes a number from 1 to 30."],
    [["a"], { seed: "1.5" }, "--seed takes a whole number from 0 on."],
    [["a"], { "releases-per-month": "none" }, "--releases-per-month takes a number from 0.1 to 100000."],
    [["a"], { exclude: "yesterday" }, "yesterday is no time to leave out: write FROM/TO, such as"],
    [["a"], { exclude: "2026-11-18T10:00Z/2026-11-18T09:00Z" }, "2026-11-18T10:00Z/2026-11-18T09:00Z is no time"],
  ])("is not understood: %j %j", (said, values, problem) => {
    expect(errorOf(asked(words(said, values)))).toContain(problem);
  });
});
