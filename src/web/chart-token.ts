import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Brand } from "../core/brand.ts";
import {
  LONGEST_LINE_NAME,
  MOST_LINES,
  MOST_QUANTILES,
  type Chart,
  type ChartLine,
  type ChartQuantile,
  type Placed,
  type Point,
} from "../render/chart/chart.ts";
import { CELLS } from "../render/sparkline.ts";

/** What charts are signed with; nothing of the secret that it is made from can be told from it. */
export type ChartKey = Brand<Buffer, "ChartKey">;

/** Longer is no token: an address must pass every proxy, and the one of GitHub doubles its length. */
export const LONGEST_TOKEN = 3_600;
const MOST_BYTES = 64 * 1024;
const MAC_BYTES = 16;
const VERSION = 1;
const KEY_BYTES = 32;

/** The key of charts that goes with a webhook's secret: a key of its own, so that nothing signed here passes as a webhook (RFC 5869). */
export function chartKey(secret: string): ChartKey {
  const bytes = Buffer.from(hkdfSync("sha256", secret, "", "tidegate/charts", KEY_BYTES));
  if (!isKey(bytes)) throw new Error("A derived key has the length that was asked for.");
  return bytes;
}

/** A chart as a text for an address, which says all of it and cannot be changed; undefined where it would be too long. */
export function chartToken(chart: Chart, key: ChartKey): string | undefined {
  const packed = deflateRawSync(Buffer.from(JSON.stringify(compact(chart))), { level: 9 });
  const token = Buffer.concat([macOf(packed, key), packed]).toString("base64url");
  return token.length > LONGEST_TOKEN ? undefined : token;
}

/** The chart that a token says, where one of the keys has signed it. Nothing is unpacked that was not signed. */
export function chartIn(token: string, keys: readonly ChartKey[]): Chart | undefined {
  if (token.length > LONGEST_TOKEN || !/^[A-Za-z0-9_-]+$/.test(token)) return undefined;
  const bytes = Buffer.from(token, "base64url");
  // Of the texts that say the same bytes only one is ours.
  if (bytes.length <= MAC_BYTES || bytes.toString("base64url") !== token) return undefined;
  const [mac, packed] = [bytes.subarray(0, MAC_BYTES), bytes.subarray(MAC_BYTES)];
  // Every key is compared, so that the time tells nothing about which one it was.
  const signed = keys.filter((key) => timingSafeEqual(macOf(packed, key), mac));
  return signed.length === 0 ? undefined : unpacked(packed);
}

function macOf(packed: Buffer, key: ChartKey): Buffer {
  return createHmac("sha256", key).update(packed).digest().subarray(0, MAC_BYTES);
}

function isKey(bytes: Buffer): bytes is ChartKey {
  return bytes.length === KEY_BYTES;
}

// What an older or a newer Tidegate has signed may have another form: then there is no chart.
function unpacked(packed: Buffer): Chart | undefined {
  try {
    const found: unknown = JSON.parse(inflateRawSync(packed, { maxOutputLength: MOST_BYTES }).toString("utf8"));
    return readChart(found);
  } catch {
    return undefined;
  }
}

function compact({ from, cellMs, canary, stable, weights, lines, quantiles = [] }: Chart): unknown {
  const drawn = lines.map(({ name, effect, bar, value, points }) => [name, effect === "blocks", bar, value, points]);
  const known = quantiles.map((one) => [one.name, one.canary ?? null, one.stable ?? null]);
  return [VERSION, from, cellMs, canary, stable, weights, drawn, ...(known.length === 0 ? [] : [known])];
}

function readChart(found: unknown): Chart | undefined {
  const [version, from, cellMs, canary, stable, weights, lines, times = []] = itemsOf(found);
  const rates = version === VERSION ? ratesIn(from, cellMs, [canary, stable]) : undefined;
  const read = listOf(lines, lineIn, MOST_LINES);
  const committed = listOf(weights, weightIn, MOST_WEIGHTS);
  const quantiles = listOf(times, quantileIn, MOST_QUANTILES);
  if (rates === undefined || read === undefined || committed === undefined || quantiles === undefined) return undefined;
  return { ...rates, weights: committed, lines: read, ...(quantiles.length > 0 && { quantiles }) };
}

function ratesIn(
  from: unknown,
  cellMs: unknown,
  [canary, stable]: readonly unknown[],
): Pick<Chart, "from" | "cellMs" | "canary" | "stable"> | undefined {
  if (!isWhole(from) || !isWhole(cellMs) || cellMs < 1) return undefined;
  if (!isPoints(canary) || !isPoints(stable) || canary.length !== stable.length) return undefined;
  return from < 0 || from + canary.length * cellMs > LAST_MOMENT ? undefined : { from, cellMs, canary, stable };
}

/** A list's items; none where it is no list. */
function itemsOf(found: unknown): readonly unknown[] {
  return Array.isArray(found) ? found : [];
}

const MOST_WEIGHTS = 100;
/** The last that a date can say, milliseconds. */
const LAST_MOMENT = 8.64e15;

function listOf<Item>(found: unknown, read: (item: unknown) => Item | undefined, most: number): Item[] | undefined {
  if (!Array.isArray(found) || found.length > most) return undefined;
  const items = found.map(read);
  return items.every((item) => item !== undefined) ? items : undefined;
}

function lineIn(found: unknown): ChartLine | undefined {
  const [name, blocks, bar, value, points] = itemsOf(found);
  const isNamed = typeof name === "string" && name.length <= LONGEST_LINE_NAME;
  if (!isNamed || !isWhole(bar) || !isWhole(value) || !isPoints(points)) return undefined;
  return { name, effect: blocks === true ? "blocks" : "passes", bar, value, points };
}

/** An arm that is left out is null. */
function quantileIn(found: unknown): ChartQuantile | undefined {
  const [name, canary, stable] = itemsOf(found);
  if (typeof name !== "string" || name.length > LONGEST_LINE_NAME) return undefined;
  const [one, other] = [placedIn(canary), placedIn(stable)];
  const isRead = (one !== undefined || canary === null) && (other !== undefined || stable === null);
  return isRead ? { name, ...(one && { canary: one }), ...(other && { stable: other }) } : undefined;
}

function placedIn(found: unknown): Placed | undefined {
  const [guess, low, high] = itemsOf(found);
  return isTime(guess) && isTime(low) && (high === null || isTime(high)) ? [guess, low, high] : undefined;
}

function isTime(found: unknown): found is number {
  return isWhole(found) && found >= 0;
}

function weightIn(found: unknown): readonly [number, number] | undefined {
  const [second, weight] = itemsOf(found);
  return isWhole(second) && isWhole(weight) ? [second, weight] : undefined;
}

function isPoints(found: unknown): found is readonly Point[] {
  return Array.isArray(found) && found.length <= CELLS && found.every((point) => point === null || isWhole(point));
}

function isWhole(found: unknown): found is number {
  return typeof found === "number" && Number.isSafeInteger(found);
}
