import type { RefChange } from "./repo.ts";

export type Commands =
  | { readonly kind: "partial" }
  | { readonly kind: "whole"; readonly changes: readonly RefChange[] };

/** Reads the commands at the start of a push, up to the flush packet; `partial` until it has arrived. */
export function readCommands(received: Buffer): Commands {
  const changes: RefChange[] = [];
  for (let at = 0; at + 4 <= received.length;) {
    const length = Number.parseInt(received.toString("latin1", at, at + 4), 16);
    if (length === 0) return { kind: "whole", changes };
    if (!(length >= 4) || at + length > received.length) break;
    const command = /^([0-9a-f]{40}) ([0-9a-f]{40}) ([^\0\n]+)/.exec(received.toString("utf8", at + 4, at + length));
    if (command !== null) changes.push({ before: command[1] ?? "", after: command[2] ?? "", ref: command[3] ?? "" });
    at += length;
  }
  return { kind: "partial" };
}

/** The packets of a whole request, the special ones by their names; undefined where it breaks off. */
export function readPackets(request: Buffer): readonly string[] | undefined {
  const packets: string[] = [];
  for (let at = 0; at < request.length;) {
    const length = Number.parseInt(request.toString("latin1", at, at + 4), 16);
    if (!(length >= 0) || length === 3 || at + Math.max(4, length) > request.length) return undefined;
    packets.push(SPECIAL[length] ?? request.toString("utf8", at + 4, at + length));
    at += Math.max(4, length);
  }
  return packets;
}

const SPECIAL: readonly string[] = ["flush", "delimiter", "end"];

/** One line in git's packet format. */
export function packet(text: string): string {
  return `${(Buffer.byteLength(text) + 4).toString(16).padStart(4, "0")}${text}`;
}
