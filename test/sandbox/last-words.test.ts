import { finished } from "node:stream/promises";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { hear } from "../../src/sandbox/last-words.ts";

async function heard(...chunks: readonly (string | Uint8Array)[]) {
  const output = new PassThrough();
  const lines: string[] = [];
  const last = hear(output, (line) => void lines.push(line));
  for (const chunk of chunks) output.write(chunk);
  output.end();
  await finished(output);
  return { lines, last: last() };
}

describe("the last words of a program", () => {
  it("are its lines, however they come, the unfinished one too", async () => {
    const [first, second] = [Buffer.from("é").subarray(0, 1), Buffer.from("é").subarray(1)];
    const { lines, last } = await heard("one\ntw", "o\n", first, second, "\nthr", "ee");
    expect(lines).toEqual(["one", "two", "é", "three"]);
    expect(last).toBe("one\ntwo\né\nthree");
  });

  it("are nothing where it said nothing", async () => {
    expect(await heard()).toEqual({ lines: [], last: "" });
  });

  it("are the end of much", async () => {
    const all = Array.from({ length: 500 }, (_, index) => `line ${index}`);
    const { lines, last } = await heard(`${all.join("\n")}\n`);
    expect(lines).toEqual(all);
    expect(last.split("\n")).toEqual(all.slice(-30));
  });

  it("bring no secrets, not even one of several lines", async () => {
    const pem = "-----BEGIN PRIVATE KEY-----\nMIIE\nabcd\n-----END PRIVATE KEY-----";
    const { last } = await heard(
      `push failed for https://x:hunter22@example.com/a\n${pem}\nsent ghs_${"a".repeat(36)}\n`,
    );
    expect(last).toBe("push failed for https://[redacted]@example.com/a\n[redacted]\nsent [redacted]");
  });
});
