import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const BLOCK = 512;

/** The regular files of a .tar.gz as text, by their paths. Reads ustar, and the long names of GNU tar and of pax. */
export function readTarGz(path: string): ReadonlyMap<string, string> {
  const bytes = gunzipSync(readFileSync(path));
  const files = new Map<string, string>();
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0;) {
    const header = bytes.subarray(at, at + BLOCK);
    const size = Number.parseInt(field(header, 124, 136).trim() || "0", 8);
    const content = bytes.subarray(at + BLOCK, at + BLOCK + size);
    const type = field(header, 156, 157);
    if (type === "L") longName = field(content, 0, size);
    else if (type === "x") longName = paxPath(content.toString("utf8")) ?? longName;
    else {
      if (type === "0" || type === "") files.set(longName ?? nameOf(header), content.toString("utf8"));
      longName = undefined;
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

/** The values of a .jsonl.gz file, one per line; their shape is for the reader to check. */
export function readJsonLines(path: string): readonly unknown[] {
  const text = gunzipSync(readFileSync(path)).toString("utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): unknown => JSON.parse(line));
}

function field(bytes: Buffer, start: number, end: number): string {
  const text = bytes.subarray(start, end);
  const stop = text.indexOf(0);
  return text.subarray(0, stop === -1 ? text.length : stop).toString("utf8");
}

function nameOf(header: Buffer): string {
  const prefix = field(header, 257, 262) === "ustar" ? field(header, 345, 500) : "";
  return prefix === "" ? field(header, 0, 100) : `${prefix}/${field(header, 0, 100)}`;
}

function paxPath(records: string): string | undefined {
  return /^\d+ path=(.*)$/m.exec(records)?.[1];
}
