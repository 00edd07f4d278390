import { unavailable, type Reading } from "../../core/reading.ts";
import type { LatencyHistogram, RequestSettings } from "../../core/requests.ts";
import type { WindowLatency } from "../../core/window.ts";
import type { PrometheusSettings, TimelineQuestion } from "../../ports/metrics.ts";
import { bucketsText, latencyOver } from "./buckets.ts";
import { selectorsFor } from "./claims.ts";
import type { Group } from "./groups.ts";
import type { Ask } from "./http.ts";
import { nativeName, nativeOver } from "./native.ts";
import { seriesOf, type Query, type TextOf } from "./parts.ts";
import type { Matcher } from "./promql.ts";
import type { ArmClaims } from "./requests.ts";
import type { Series } from "./series.ts";

type Asking = { readonly question: TimelineQuestion; readonly arms: ArmClaims };

/**
 * How long the requests of those who ask for it took, for each of their windows: one query for the classic buckets of all and one for their native histograms.
 * Where either cannot be read, everything else can all the same.
 */
export async function latencyTogether<Member extends Asking>(
  { members, times }: Group<Member>,
  { requests }: PrometheusSettings,
  ask: Ask,
): Promise<ReadonlyMap<Member, readonly WindowLatency[]>> {
  const { latency, where } = requests;
  const asking = latency === undefined ? [] : members.filter(({ question }) => question.latency === "asked");
  if (latency === undefined || asking.length === 0) return new Map();
  const fixed = matchersOf(where);
  const wanted = asking.map(({ question, arms }) => ({ claim: [...arms.canary, ...arms.stable], from: question.from }));
  const found = (textOf: TextOf) => seriesOf(boundsUntil(times, textOf), wanted, ask);
  const [classic, native] = await Promise.all([
    found(bucketsText(latency.buckets, fixed)),
    found((claims) => selectorsFor(nativeName(latency), fixed, claims).join("")),
  ]);
  return new Map(
    asking.map((member, place) => [
      member,
      toldOf(member, { classic: classic[place] ?? NOT_ASKED, native: native[place] ?? NOT_ASKED }, latency),
    ]),
  );
}

const NOT_ASKED = unavailable<readonly Series[]>("Prometheus was not asked.");

type Found = Readonly<Record<"classic" | "native", Reading<readonly Series[]>>>;

function toldOf({ arms, question }: Asking, found: Found, latency: LatencyHistogram): readonly WindowLatency[] {
  const native = nativeOver(found.native, arms, question, latency.unit);
  return latencyOver(found.classic, arms, question, latency).map((classic, index) => {
    const told = native[index];
    const isNone =
      told === undefined || (told.kind === "read" && told.canary === undefined && told.stable === undefined);
    return isNone ? classic : { ...classic, native: told };
  });
}

/** Labels that series must have besides what tells whose they are. */
export function matchersOf(where: RequestSettings["where"]): readonly Matcher[] {
  return Object.entries(where).map(([label, value]): Matcher => ({ label, op: "=", value }));
}

/** Evaluated by the server at the end of each window, and at the beginning of the first, so that its own markers of vanished pods count. */
function boundsUntil({ to, windowMs }: Group<Asking>["times"], textOf: TextOf): Query {
  const last = { end: seconds(to), step: seconds(windowMs) };
  return {
    endpoint: "query_range",
    reach: (from) => from,
    parametersOf: (claims, from) => ({ query: textOf(claims), start: seconds(from), ...last }),
  };
}

/** As the HTTP API takes times and lengths. */
export function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
