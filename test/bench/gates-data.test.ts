import { describe, expect, it } from "vitest";
import { windowsOf } from "../../bench/gates-data.ts";

const HEAD = "time,arm,requests,failed";

describe("releases of one's own", () => {
  it("are read by the names of their columns, in the order of time, with what is missing left out", () => {
    const read = windowsOf(
      ["arm,time,failed,requests", "canary,120,1,50", "stable,60,2,900", "canary,60,0,100", "stable,180,,", ""].join(
        "\n",
      ),
    );
    expect(read.kind === "ok" && read.value.map(({ counts }) => counts)).toEqual([
      { canary: { requests: 100, failed: 0 }, stable: { requests: 900, failed: 2 } },
      { canary: { requests: 50, failed: 1 } },
      { stable: { requests: Number.NaN, failed: Number.NaN } },
    ]);
    expect(read.kind === "ok" && read.value.map(({ start }) => start)).toEqual([0, 60_000, 120_000]);
  });

  it("take times as words too, and an arm that is told of twice for not measured", () => {
    const [one, two] = ["2026-01-01T10:00:00Z", "2026-01-01T10:01:00Z"];
    const lines = [HEAD, `${two},stable,9,0`, `${one},canary,10,0`, `${one},canary,10,0`, `${one},stable,90,1`];
    const read = windowsOf(lines.join("\r\n"));
    expect(read.kind === "ok" && read.value.map(({ counts }) => counts)).toEqual([
      { stable: { requests: 90, failed: 1 } },
      { stable: { requests: 9, failed: 0 } },
    ]);
  });

  it.each([
    ["no head", "60,canary,1,0", "the first line must name time, arm, requests and failed."],
    ["another arm", `${HEAD}\n60,green,1,0`, "line 2: a time, and canary or stable, are needed."],
    ["no time", `${HEAD}\n60,canary,1,0\nsoon,canary,1,0`, "line 3: a time, and canary or stable, are needed."],
  ])("are refused with %s", (_, text, error) => {
    expect(windowsOf(text)).toEqual({ kind: "err", error });
  });
});
