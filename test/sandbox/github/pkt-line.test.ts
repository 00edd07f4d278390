import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packet, readCommands } from "../../../src/sandbox/github/pkt-line.ts";

const sha = fc.stringMatching(/^[0-9a-f]{40}$/);
const ref = fc.stringMatching(/^refs\/heads\/[a-zäö/]{1,30}$/);
const changes = fc.array(fc.record({ ref, before: sha, after: sha }), { maxLength: 5 });

function written(list: readonly { readonly ref: string; readonly before: string; readonly after: string }[]): Buffer {
  const lines = list.map(({ before, after, ref: name }, at) =>
    packet(`${before} ${after} ${name}${at === 0 ? "\0 report-status" : ""}`),
  );
  return Buffer.from(`${lines.join("")}0000`);
}

describe("the commands of a push", () => {
  it("are read back as they were written, whatever follows them", () => {
    fc.assert(
      fc.property(changes, fc.uint8Array({ maxLength: 20 }), (list, pack) => {
        expect(readCommands(Buffer.concat([written(list), pack]))).toEqual({ kind: "whole", changes: list });
      }),
    );
  });

  it("are not whole before their end has arrived", () => {
    fc.assert(
      fc.property(changes, fc.nat(), (list, cut) => {
        const bytes = written(list);
        expect(readCommands(bytes.subarray(0, cut % bytes.length))).toEqual({ kind: "partial" });
      }),
    );
  });

  it.each(["zzzz", "0003", "PACK"])("are never whole in nonsense: %s", (text) => {
    expect(readCommands(Buffer.from(`${text}0000`))).toEqual({ kind: "partial" });
  });
});
