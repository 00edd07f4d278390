import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { environmentWith, withoutEnvOption } from "../../src/operator/env-file.ts";

const folder = await mkdtemp(join(tmpdir(), "env-file-"));
const file = join(folder, "tidegate.env");
await writeFile(file, 'APP_ID=12\nPORT=4000\n# a note\nPRIVATE_KEY="-----BEGIN\\nKEY-----"\nMETRICS_TOKEN=a=b#c\n', {
  mode: 0o600,
});
afterAll(() => rm(folder, { recursive: true }));

describe("the environment's file", () => {
  it("says what the environment does not; what is empty there counts as not said", () => {
    const { environment, warnings } = environmentWith(file, { PORT: "80", APP_ID: "", PATH: "/bin" });
    expect(environment).toMatchObject({ APP_ID: "12", PORT: "80", PATH: "/bin" });
    expect(environment["PRIVATE_KEY"]).toMatch(/^-----BEGIN(\\n|\n)KEY-----$/);
    expect(warnings).toEqual([]);
  });

  it("is not looked for where the environment names an App: a clone could lead its key elsewhere", () => {
    const environment = { APP_ID: "12" };
    expect(environmentWith(undefined, environment)).toEqual({ environment, warnings: [] });
    expect(environmentWith(file, environment).environment).toMatchObject({ PORT: "4000" });
  });

  it("may be absent unless it is named", () => {
    expect(() => environmentWith(join(folder, "none"), {})).toThrow(/none cannot be read: ENOENT/);
    expect(() => environmentWith(folder, {})).toThrow(/cannot be read: EISDIR/);
  });

  it.runIf(process.platform !== "win32")("is told of where others can read it", async () => {
    await chmod(file, 0o640);
    expect(environmentWith(file, {}).warnings).toEqual([
      `${file} holds secrets, and other users of this machine can read it: chmod 600 ${file}`,
    ]);
    await chmod(file, 0o600);
  });
});

describe("the option that names it", () => {
  it.each([
    [["a", "--env", "f", "b"], "f", ["a", "b"]],
    [["--env=f", "--json"], "f", ["--json"]],
    [["a", "--json"], undefined, ["a", "--json"]],
    [["--", "--env", "f"], undefined, ["--", "--env", "f"]],
  ])("%j", (args, named, rest) => {
    expect(withoutEnvOption(args)).toEqual({ named, args: rest });
  });

  it.each([[["--env"]], [["--env="]], [["--env", "--json"]]])("needs a path: %j", (args) => {
    expect(() => withoutEnvOption(args)).toThrow("--env takes the path of a file.");
  });
});
