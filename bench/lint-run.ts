import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { lint } from "../src/cli/lint.ts";
import { lintFleet, wrongHosts, type Delivered } from "./lint-fleet.ts";

/** What linting one fleet took; time is of the processor's, in seconds. */
export type LintRun = z.infer<typeof LintRun>;
export const LintRun = z.strictObject({
  services: z.number(),
  delivered: z.enum(["apart", "together"]),
  files: z.number(),
  bytes: z.number(),
  wallSeconds: z.number(),
  lintSeconds: z.number(),
  /** Parsing the same files by the `yaml` package, and nothing else. */
  parseSeconds: z.number(),
  ratio: z.number(),
  /** The most memory that the process had until it was linted, mebibytes. */
  peakMiB: z.number(),
  /** Whether all that was planted, and nothing else of its kind, was found. */
  isRight: z.boolean(),
});

/** Lints a fleet on disk as `tidegate lint` does, then parses its files. */
export async function lintRun(services: number, delivered: Delivered): Promise<LintRun> {
  const files = lintFleet(services, delivered);
  const folder = mkdtempSync(join(tmpdir(), "tidegate-bench-"));
  try {
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const begin = performance.now();
    const linting = process.cpuUsage();
    const said = await linted(folder);
    const lintSeconds = secondsOf(process.cpuUsage(linting));
    const wallSeconds = (performance.now() - begin) / 1000;
    const peakMiB = process.resourceUsage().maxRSS / 1024;
    const parsing = process.cpuUsage();
    for (const text of files.values()) parseAllDocuments(text, { logLevel: "silent" });
    const parseSeconds = secondsOf(process.cpuUsage(parsing));
    const missed = said.split('"rule":"host-without-service"').length - 1;
    return {
      services,
      delivered,
      files: files.size,
      bytes: [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0),
      wallSeconds,
      lintSeconds,
      parseSeconds,
      ratio: lintSeconds / parseSeconds,
      peakMiB,
      isRight: missed === wrongHosts(services),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What `tidegate lint --json` prints, without spaces. */
async function linted(folder: string): Promise<string> {
  const out: string[] = [];
  const terminal = {
    environment: {},
    write: (text: string) => void out.push(text),
    tell: (text: string) => void process.stderr.write(text),
    columns: undefined,
  };
  await lint([folder, "--json"], terminal, { now: () => 0, sleep: () => Promise.resolve() });
  return JSON.stringify(JSON.parse(out.join("")));
}

function secondsOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e6;
}
