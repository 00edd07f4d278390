import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { environmentOf } from "../../../src/adapters/git/environment.ts";
import { objectsOf } from "../../../src/adapters/git/objects.ts";
import type { Place } from "../../../src/adapters/git/run.ts";
import { sha } from "../../../src/core/names.ts";
import { bareRemote } from "../../support/remote.ts";

const remote = bareRemote();
afterAll(remote.remove);
const environment = environmentOf(remote.url, process.env);
const place: Place = { directory: remote.directory, environment, timeoutMs: 60_000 };
const texts = ["", "1", "x".repeat(300_000), "line\n\nmissing\n"];
const head = remote.commit("main", Object.fromEntries(texts.map((text, at) => [`f${at}`, text])));
const ids = texts.map((_, at) => sha(remote.git("rev-parse", `${head}:f${at}`)));
const ABSENT = sha("1".repeat(40));

/** With another program in the place of git. */
function placeWith(name: string, script: string, timeoutMs: number): Place {
  const folder = join(remote.root, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "git"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { ...place, environment: { ...environment, PATH: `${folder}:${process.env["PATH"]}` }, timeoutMs };
}

describe("objects", () => {
  it("are read as they are, those asked for together in any number", async () => {
    const objects = objectsOf(place);
    const asked = Array.from({ length: 50 }, () => [...ids, ABSENT]).flat();
    const read = await Promise.all(asked.map((id) => objects.read(id)));
    expect(read.map((found) => found?.body.toString())).toEqual(
      Array.from({ length: 50 }, () => [...texts, undefined]).flat(),
    );
    expect(await Promise.all([...ids, ABSENT].map((id) => objects.size(id)))).toEqual([
      ...texts.map(({ length }) => length),
      undefined,
    ]);
  });

  it("that came since are found", async () => {
    const objects = objectsOf(place);
    expect(await objects.read(ABSENT)).toBeUndefined();
    const later = remote.commit("main", { later: "2" });
    expect((await objects.read(later))?.kind).toBe("commit");
    remote.git("repack", "-a", "-d", "-q");
    expect((await objects.read(head))?.kind).toBe("commit");
  });

  it("are asked for anew after they were let go of", async () => {
    const objects = objectsOf(place);
    const [first, second] = [objects.read(head), objects.size(head)];
    objects.release();
    expect([(await first)?.kind, (await second) ?? 0]).toEqual(["commit", (await objects.size(head)) ?? 1]);
  });

  it.each([
    ["says nothing", "exec sleep 300", /no answer for 3 s/],
    ["says what nobody understands", "echo Hello; exec cat >/dev/null", /unknown form/],
    ["ends", "echo fatal: broken >&2", /git cat-file: fatal: broken/],
  ])("are not there where git %s, and each question asks it anew", async (name, script, said) => {
    const objects = objectsOf(placeWith(name, script, 3_000));
    await expect(objects.read(head)).rejects.toThrow(said);
    const both = await Promise.allSettled([objects.read(head), objects.size(head)]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });
});
