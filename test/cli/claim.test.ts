import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { claim } from "../../src/cli/claim.ts";
import { parseState } from "../../src/config/state-file.ts";
import { valueOf } from "../manifest/builders.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const PATH = "apps/till/rollout.yaml";
const STATE = ".tidegate/services/till.yaml";
const ROLLOUT = `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: till, namespace: shop }
spec:
  template:
    spec: { containers: [{ name: till, image: "till:1" }] }
  strategy:
    canary:
      canaryService: till-canary
      stableService: till
      trafficRouting: { nginx: { stableIngress: till } }
      steps:
        - setWeight: 20
        - pause: { duration: 1h }
      maxSurge: 1
`;
const DIFF = `${PATH}, line 13:
-        - setWeight: 20
-        - pause: { duration: 1h }
+        - setWeight: 0
+        - setWeight: 0
+        - pause: {}
`;

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "claim-"));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

async function run(folder: string, ...args: readonly string[]) {
  let [out, said] = ["", ""];
  const terminal = {
    environment: {},
    write: (text: string) => {
      out += text;
    },
    tell: (text: string) => {
      said += text;
    },
    columns: undefined,
  };
  const status = await claim(args, terminal, folder);
  return { status, out, said };
}

describe("tidegate claim", () => {
  it("prints what to write, and writes nothing", async () => {
    const folder = folderOf({ [PATH]: ROLLOUT });
    const { status, out, said } = await run(folder, PATH, "--target", "prod");
    expect([status, said]).toEqual([0, ""]);
    expect(out).toContain(
      `To commit while no rollout is under way:\n\n${DIFF}\n${STATE}, new:\n+# Written by Tidegate`,
    );
    expect(out).toContain(
      `+  - { path: ${PATH}, at: spec.strategy.canary.steps, was: "- setWeight: 20\\n        - pause: { duration: 1h }" }\n`,
    );
    expect([readFileSync(join(folder, PATH), "utf8"), existsSync(join(folder, STATE))]).toEqual([ROLLOUT, false]);
  });

  it("writes it where that is asked for, and then has no more to say", async () => {
    const folder = folderOf({ [PATH]: ROLLOUT });
    const { status, out } = await run(folder, PATH, "--target=prod", "--write");
    expect([status, out]).toEqual([0, expect.stringContaining("Written; commit it while no rollout is under way")]);
    const text = readFileSync(join(folder, STATE), "utf8");
    expect(valueOf(parseState({ path: STATE, text })).claims).toHaveLength(1);
    const again = await run(folder, PATH, "--target=prod", "--write");
    expect(again.out).toContain(`${PATH} stays as it is: it is at rest.\n\n${STATE} is there already, and stays.\n`);
    expect(readFileSync(join(folder, STATE), "utf8")).toBe(text);
  });

  it("prints the steps alone where the state is there", async () => {
    const folder = folderOf({ [PATH]: ROLLOUT, [STATE]: "version: 1\n" });
    const { out } = await run(folder, PATH, "--target=prod");
    expect(out).toBe(`To commit while no rollout is under way:\n\n${DIFF}\n${STATE} is there already, and stays.\n`);
  });

  it("says what is refused, with its line", async () => {
    const folder = folderOf({ [PATH]: ROLLOUT.replace("nginx: { stableIngress: till }", "") });
    const { status, said } = await run(folder, PATH, "--target=prod");
    expect([status, said]).toEqual([
      1,
      expect.stringMatching(/^apps\/till\/rollout\.yaml:11: found a trafficRouting without a router; /),
    ]);
    expect(await run(folder, "apps/none.yaml", "--target=prod")).toMatchObject({
      status: 1,
      said: "There is no file apps/none.yaml here.\n",
    });
  });

  it("has a help", async () => {
    const { status, out } = await run(".", "--help");
    expect(status).toBe(0);
    expect(out).toContain("Usage: tidegate claim");
  });

  it.each([
    [[], "Which Rollout?"],
    [[PATH], "Which target? Say --target."],
    [["../r.yaml", "--target=prod"], "../r.yaml is no path inside the repository."],
    [[PATH, "--target=Prod"], "--target takes a name"],
    [[PATH, "--target=wave-1"], "No target is called wave-<number>"],
    [[PATH, "--target=prod", "--service=opt-in"], "No service is called opt-in"],
    [[PATH, "--dry"], "There is no option --dry."],
    [["a", "b", "c"], "More was given"],
  ])("is told wrong words: %j", async (args, words) => {
    const { status, out, said } = await run(".", ...args);
    expect([status, out]).toEqual([2, ""]);
    expect(said).toContain(words);
  });
});
