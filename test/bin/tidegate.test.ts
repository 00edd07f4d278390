import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A command line that does one thing by its first argument; its type annotation runs only where types are stripped. */
const CLI = `
const [task, ...rest]: readonly string[] = process.argv.slice(2);
if (task === "say") console.log(JSON.stringify(rest));
if (task === "options") console.log(JSON.stringify(process.execArgv));
if (task === "allocator") console.log(process.env[rest[0] ?? ""]);
if (task === "leave") process.exitCode = Number(rest[0]);
if (task === "wait") {
  const timer = setInterval(() => {}, 1_000);
  process.on("SIGTERM", () => { console.log("told to stop"); clearInterval(timer); });
  console.log("waiting");
}
`;

describe("bin/tidegate.js", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tidegate-bin-"));
    cpSync(join(ROOT, "bin"), join(folder, "bin"), { recursive: true });
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    mkdirSync(join(folder, "src"));
    writeFileSync(join(folder, "src/cli.ts"), CLI);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const start = (...given: readonly string[]): ChildProcess =>
    spawn(process.execPath, [join(folder, "bin/tidegate.js"), ...given], { stdio: ["ignore", "pipe", "inherit"] });

  const output = (child: ChildProcess): Promise<string> => {
    if (child.stdout === null) throw new Error("stdout is a pipe here");
    return text(child.stdout);
  };

  it("passes the arguments on", async () => {
    expect(await output(start("say", "a b", "--flag", ""))).toBe('["a b","--flag",""]\n');
  });

  it("keeps the heap near what is live", async () => {
    const options = ["--max-semi-space-size=8", "--initial-old-space-size=64", "--heap-growing-percent=25"];
    expect(await output(start("options"))).toBe(`${JSON.stringify(options)}\n`);
  });

  it.each([
    ["gives what is freed back to the system", undefined, "131072"],
    ["leaves to its operator when that is given back", "65536", "65536"],
  ])("%s", async (_, own, told) => {
    vi.stubEnv("MALLOC_TRIM_THRESHOLD_", own);
    try {
      expect(await output(start("allocator", "MALLOC_TRIM_THRESHOLD_"))).toBe(`${told}\n`);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it("leaves with the exit code of the command", async () => {
    expect(await once(start("leave", "7"), "exit")).toEqual([7, null]);
  });

  it("passes SIGTERM on and waits for the end", async () => {
    const child = start("wait");
    const printed = output(child);
    child.stdout?.once("data", () => child.kill("SIGTERM"));
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(await printed).toBe("waiting\ntold to stop\n");
  });
});
