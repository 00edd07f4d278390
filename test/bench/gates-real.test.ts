import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { isSeriesFolder, seriesFigures } from "../../bench/gates-series.ts";
import { dayOf } from "../../bench/gates-spans-read.ts";
import { isSpansFolder } from "../../bench/gates-spans.ts";
import { chance, poisson } from "../core/gate/chance.ts";

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "real-"));
  made.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const HEAD = "TraceID,SpanID,ParentID,PodName,OperationName,StartTimeUnixNano,EndTimeUnixNano,Duration";
const MINUTE = Date.UTC(2022, 7, 22, 3, 53) / 1000;
const POD = "front-5f-x1";

/** A span: its id and its parent's, whose it is, when it began (seconds), and how long it took (microseconds). */
function span([id, parent]: readonly [string, string], pod: string, at: number, took: number): string {
  return ["t", id, parent, pod, "o", `${at}000000000`, `${at}000000001`, `${took}`].join(",");
}

describe("spans of a day", () => {
  const list = {
    "03": [{ inject_time: "", inject_timestamp: `${MINUTE + 30}`, inject_pod: POD, inject_type: "cpu_contention" }],
  };
  const files = {
    "rca_data/day/day-fault_list.json": JSON.stringify(list),
    // The files of that set begin up to a minute before the one that they are named after.
    "rca_data/day/trace/03_53_trace.csv": [
      HEAD,
      span(["a", "root"], POD, MINUTE - 40, 1000),
      span(["b", "a"], POD, MINUTE - 40, 900),
      span(["c", "b"], "cart-7d-y2", MINUTE + 2, 500),
      span(["d", "c"], POD, MINUTE + 10, 2000),
    ].join("\n"),
    "rca_data/day/trace/03_54_trace.csv": [
      HEAD,
      span(["e", "root"], POD, MINUTE + 20, 3000),
      span(["f", "root"], POD, MINUTE + 31, 50_000),
      span(["g", "root"], "cart-7d-y2", MINUTE + 80, 500),
      "",
    ].join("\n"),
    "rca_data/day/trace/03_59_trace.csv": [HEAD, span(["h", "root"], POD, MINUTE + 350, 1000)].join("\n"),
  };

  it("are requests where their parents are another pod's, by the spans' own times and not by the files' names", () => {
    const folder = folderWith(files);
    expect([isSpansFolder(folder), isSeriesFolder(folder)]).toEqual([true, false]);
    const { faults, pieces } = dayOf(join(folder, "rca_data/day"));
    expect(pieces.get("front")).toEqual([{ took: [0.001, 0.002, 0.003], seconds: 50 + 10 }]);
    expect(faults).toEqual([{ kind: "cpu_contention", service: "front", after: { took: [0.05], seconds: 50 } }]);
  });
});

describe("metrics over time", () => {
  const HOURS = 1200;

  function metric(seed: number, labels: ReadonlySet<number>): string {
    const random = chance(seed);
    const lines = Array.from({ length: HOURS }, (_, hour) => {
      const time = new Date(Date.UTC(2020, 0, 1, hour)).toISOString().slice(0, 19).replace("T", " ");
      return `"${time}",${poisson(random, 200 + 100 * Math.sin((2 * Math.PI * hour) / 24))},${labels.has(hour) ? 1 : 0}`;
    });
    return ["TimeStamp,Value,Label", ...lines].join("\n");
  }

  it("are judged by what is not labelled, and a metric on which nothing ever happened is left out", () => {
    const folder = folderWith({
      "data/a/a.csv": metric(1, new Set()),
      "data/a/b.csv": metric(2, new Set([900, 901])),
      "data/a/quiet.csv": metric(3, new Set()).replaceAll(/,\d+,0/g, ",0,0"),
      "data/a/b.csv-metadata.json": "{}",
    });
    expect(isSeriesFolder(folder)).toBe(true);
    const figures = seriesFigures(folder).filter(({ what }) => what.startsWith("season, 2 real metrics"));
    const [usual] = figures;
    // 480 hours are 79 stretches after the first; the label costs two, its own and the one after it.
    expect(usual?.runs).toBe(79 + 77);
    expect(usual?.value).toBeLessThan(0.15);
    expect(figures.find(({ what }) => what.includes("5 %: x2 found"))?.value).toBe(1);
  });
});
