import { describe, expect, it } from "vitest";
import { eta } from "../../../src/core/gate/eta.ts";
import { evidenceOf, NO_EVIDENCE } from "../../../src/core/gate/evidence.ts";
import { judge } from "../../../src/core/gate/judge.ts";
import type { GateSettings } from "../../../src/core/gate/settings.ts";
import { gate, MINUTE, repeated, windows, type Row } from "./windows.ts";

const STRICT = gate({ slo: 0.000_01 });

/** Minute at which a stream of equal windows comes to a verdict, and which. */
function realised(row: Row, settings: GateSettings): { readonly minute: number; readonly kind: string } {
  for (let minute = 1; minute < 2000; minute += 1) {
    const { verdict } = judge(NO_EVIDENCE, windows(...repeated(minute, row)), settings);
    if (verdict.kind !== "wait") return { minute, kind: verdict.kind };
  }
  return { minute: Number.POSITIVE_INFINITY, kind: "wait" };
}

describe("the time to a verdict", () => {
  it.each<readonly [string, Row, GateSettings, string]>([
    [
      "by power",
      [
        [50, 0],
        [950, 5],
      ],
      STRICT,
      "pass",
    ],
    [
      "by power, slowly, at a small weight",
      [
        [30, 0],
        [2970, 15],
      ],
      STRICT,
      "pass",
    ],
    [
      "by the SLO",
      [
        [20, 0],
        [380, 0],
      ],
      gate(),
      "pass",
    ],
    [
      "by non-inferiority",
      [
        [250, 1],
        [750, 3],
      ],
      gate({ slo: 0.000_01, power: 1 }),
      "pass",
    ],
    [
      "to a block",
      [
        [50, 1],
        [950, 6],
      ],
      STRICT,
      "block",
    ],
  ])("is that of traffic that goes on as it is: %s", (_, row, settings, kind) => {
    const end = realised(row, settings);
    expect(end.kind).toBe(kind);
    const seen = Math.max(1, Math.floor(end.minute / (kind === "pass" ? 4 : 1.5)));
    const ahead = eta(NO_EVIDENCE, windows(...repeated(seen, row)), settings);
    expect(ahead.kind).toBe(kind === "pass" ? "passes" : "blocks");
    if (ahead.kind !== "passes" && ahead.kind !== "blocks") return;
    const minute = seen + ahead.inMs / MINUTE;
    expect(minute).toBeGreaterThan(end.minute - 1.1);
    expect(minute).toBeLessThan(end.minute * 1.01 + 0.1);
  });

  it.each([
    ["that leans already", 3],
    ["that would block if it went on", 4],
  ])("does not take a little bad luck to go on, such as one %s", (_, quiet) => {
    const usual: Row = [
      [50, 0],
      [950, 5],
    ];
    const unlucky: Row = [
      [50, 3],
      [950, 5],
    ];
    const rows = [unlucky, ...repeated(quiet, usual)];
    const ahead = eta(NO_EVIDENCE, windows(...rows), STRICT);
    if (ahead.kind !== "passes") throw new Error(`Expected a pass, not ${ahead.kind}.`);
    expect(ahead.given).toBe("alike");
    // From then on the canary fails as often as stable, by its share of the requests.
    const alike = Array.from({ length: 100 }, (__, minute): Row => [[50, minute % 4 === 0 ? 1 : 0], usual[1]]);
    const passes = (more: number) =>
      judge(NO_EVIDENCE, windows(...rows, ...alike.slice(0, more)), STRICT).verdict.kind === "pass";
    const end = alike.findIndex((__, more) => passes(more));
    expect(Math.abs(ahead.inMs / MINUTE - end)).toBeLessThanOrEqual(3);
  });

  it("is none when it could pass now, and counts requests in between otherwise", () => {
    const row: Row = [
      [20, 0],
      [380, 0],
    ];
    expect(eta(NO_EVIDENCE, windows(...repeated(60, row)), gate())).toEqual({
      kind: "passes",
      inMs: 0,
      requests: 0,
      by: "slo",
    });
    const ahead = eta(NO_EVIDENCE, windows(...repeated(5, row)), gate());
    if (ahead.kind !== "passes") throw new Error(`Expected a pass, not ${ahead.kind}.`);
    expect(ahead.requests).toBeCloseTo((ahead.inMs / MINUTE) * 20, -1);
  });

  it("is shorter with the evidence of the steps before", () => {
    const running = windows(
      ...repeated(2, [
        [50, 0],
        [950, 5],
      ] satisfies Row),
    );
    const before = evidenceOf(
      windows(
        ...repeated(4, [
          [50, 0],
          [950, 5],
        ] satisfies Row),
      ),
      STRICT,
    );
    const [alone, carried] = [eta(NO_EVIDENCE, running, STRICT), eta(before, running, STRICT)];
    if (alone.kind !== "passes" || carried.kind !== "passes") throw new Error("Both pass in the end.");
    expect(carried.inMs).toBeLessThan(alone.inMs);
  });

  it("measures only windows that have both arms", () => {
    const row: Row = [
      [50, 0],
      [950, 5],
    ];
    const gappy = [row, [undefined, [950, 5]] satisfies Row, row];
    expect(eta(NO_EVIDENCE, windows(...gappy), STRICT)).toEqual(eta(NO_EVIDENCE, windows(row, row), STRICT));
  });

  it.each<readonly [string, readonly Row[], string]>([
    ["no window", [], "noTraffic"],
    ["no sample", repeated(5, [undefined, [950, 5]]), "noTraffic"],
    [
      "no canary request",
      repeated(5, [
        [0, 0],
        [950, 5],
      ]),
      "noTraffic",
    ],
    [
      "no stable request",
      repeated(5, [
        [50, 0],
        [0, 0],
      ]),
      "noTraffic",
    ],
    [
      "no failure of stable and an SLO that is out of reach",
      repeated(5, [
        [50, 0],
        [950, 0],
      ]),
      "never",
    ],
  ])("is unknown with %s", (_, rows, kind) => {
    expect(eta(NO_EVIDENCE, windows(...rows), gate({ slo: 1e-9 })).kind).toBe(kind);
  });
});
