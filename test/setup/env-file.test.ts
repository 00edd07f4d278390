import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { envAt, mustBeWritable, writeNew, writeOver } from "../../src/setup/env-file.ts";
import { envText, inOneLine } from "../../src/setup/env-text.ts";
import { createAppKey } from "../support/app-key.ts";

const folder = await mkdtemp(join(tmpdir(), "setup-env-"));
afterAll(() => rm(folder, { recursive: true }));

describe("the text of the file", () => {
  it("gives Node back what was put in, whatever it is", () => {
    const values = fc.string({ unit: "binary-ascii" }).filter((text) => !/['\r\0]/.test(text));
    fc.assert(
      fc.property(values, (value) => {
        expect(parseEnv(envText(["a head"], [["APP_ID", "1"]], [["OTHER", value]]))).toEqual({
          APP_ID: "1",
          OTHER: value,
        });
      }),
    );
  });

  it("holds a key in one line, without quotes: Docker's --env-file would take them for a part of it", () => {
    const { privateKey } = createAppKey();
    const text = envText([], [["PRIVATE_KEY", inOneLine(privateKey)]], []);
    expect(text).toMatch(/^PRIVATE_KEY=-----BEGIN PRIVATE KEY-----\\n[\w+/=\\]+-----END PRIVATE KEY-----\n$/);
    expect(parseEnv(text)["PRIVATE_KEY"]?.replaceAll("\\n", "\n")).toBe(privateKey.trim());
  });

  it("refuses a value that no quotes can hold", () => {
    expect(() => envText([], [["ODD", "'\"`"]], [])).toThrow(/ODD has every kind of quotes/);
  });
});

describe("the file", () => {
  it("is made for its owner alone, and never written over", async () => {
    const path = join(folder, "new.env");
    await writeNew(path, "A=1\n");
    await expect(writeNew(path, "A=2\n")).rejects.toThrow(`${path} cannot be written: EEXIST.`);
    expect(await envAt(path)).toEqual({ A: "1" });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("is kept beside where another one takes its place, every time", async () => {
    const path = join(folder, "over.env");
    await writeFile(path, "A=1\n", { mode: 0o644 });
    expect(await writeOver(path, "A=2\n")).toBe(`${path}.old`);
    expect(await writeOver(path, "A=3\n")).toBe(`${path}.old.2`);
    expect(await Promise.all([path, `${path}.old`, `${path}.old.2`].map((one) => readFile(one, "utf8")))).toEqual([
      "A=3\n",
      "A=1\n",
      "A=2\n",
    ]);
    expect((await stat(`${path}.old`)).mode & 0o777).toBe(0o600);
  });

  it("needs a folder that can be written", async () => {
    await expect(mustBeWritable(join(folder, "none", ".env"))).rejects.toThrow(/cannot be written: ENOENT/);
    expect(await envAt(join(folder, "none.env"))).toBeUndefined();
  });
});
