import { deserialize, serialize } from "node:v8";
import { deflateRawSync, inflateRawSync } from "node:zlib";

/** A value of plain data that is kept and seldom looked at, at about a tenth of its size; it never leaves the process. `of` is never there: it says of what type the value is. */
export type Packed<T> = { readonly text: string; readonly of?: T };

// The fastest level leaves a tenth already. A letter for each byte: a buffer of zlib's holds 16 KiB, however little is in it. Not as JSON, which has no
// place for infinite bounds, nor for the BigInt that Octokit makes of numbers beyond the safe integers.
export function packed<T>(value: T): Packed<T> {
  return { text: deflateRawSync(serialize(value), { level: 1 }).toString("latin1") };
}

/** A copy of what was packed. */
export function unpacked<T>({ text }: Packed<T>): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what `packed` was given, which takes nothing else
  return deserialize(inflateRawSync(Buffer.from(text, "latin1"))) as T;
}
