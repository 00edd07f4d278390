import type { Fillings } from "../../../core/placeholders.ts";
import type { ProviderForm } from "../../../core/provider-form.ts";
import { read, unavailable, type Reading } from "../../../core/reading.ts";
import type { CountedSettings } from "../../../ports/counted.ts";
import type { Fetch } from "../../http/guarded-fetch.ts";
import { baseOf, exchange, headersOf, refusedWith, type Answer, type Bounds } from "../exchange.ts";
import { jsonOf } from "../json.ts";

/** Aligned windows of equal length between two times; milliseconds. */
export type Windows = { readonly from: number; readonly to: number; readonly windowMs: number };

/** A configured query, and the names that its placeholders stand for. */
export type CountQuery = { readonly text: string; readonly names: Fillings };

/** A number of requests for each window, in order; undefined where nothing is known. Not yet checked for being counts. */
export type WindowCounts = readonly (number | undefined)[];

/** What a provider can be asked for by the error gate. Never throws for what the provider does. */
export type Source = {
  /** Answers in the order of the queries. At most `mostWindows` of the provider are asked for at once. */
  readonly counts: (queries: readonly CountQuery[], windows: Windows) => Promise<Reading<readonly WindowCounts[]>>;
  /** Asks for something that is there whatever was measured, with the same address, key and time-out. */
  readonly probe: () => Promise<Reading<"answers">>;
};

/** One kind of provider: how it is written in configuration, and how it is asked. */
export type CountingProvider = {
  /** What it is called in sentences. */
  readonly called: string;
  readonly form: ProviderForm;
  readonly mostWindows: number;
  readonly connect: (connection: Connection) => Source;
};

/** Where to ask and with what, as every provider needs it. `now` in milliseconds. */
export type Connection = {
  readonly base: URL;
  readonly headers: Headers;
  readonly secrets: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  readonly bounds: Bounds;
  readonly fetch: Fetch;
  readonly now: () => number;
};

/** How a provider is reached, whatever it is asked for; secrets already resolved. */
export type Access = Omit<CountedSettings, "kind" | "by" | "counts">;

/** Throws a UserError on an address or a header that cannot be used, without repeating either. */
export function connectionOf(
  { url, headers, secrets, options, timeoutMs, maxBytes }: Access,
  called: string,
  { fetch, now }: Pick<Connection, "fetch" | "now">,
): Connection {
  const bounds = { called, timeoutMs, maxBytes };
  return { base: baseOf(url, called), headers: headersOf(headers, called), secrets, options, bounds, fetch, now };
}

export type Request = {
  /** Below the address of the connection, without a slash in front. */
  readonly path: string;
  readonly method?: "GET" | "POST" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON where it is no text. */
  readonly body?: unknown;
};

/** What a 2xx answer holds; every other answer is unavailable. `detail`: what may be repeated of a refusal's body. */
export async function ask(
  { base, headers: usual, bounds, fetch }: Connection,
  { path, method = "GET", headers, body }: Request,
  detail: (body: unknown) => string | undefined = () => undefined,
): Promise<Reading<Answer>> {
  const all = headersOf(
    { "content-type": "application/json", ...Object.fromEntries(usual), ...headers },
    bounds.called,
  );
  if (body === undefined) all.delete("content-type");
  const sent = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  // A path that reads like an address of its own stays a path.
  const url = new URL(`./${path}`, base);
  const answer = await exchange(
    { url, method, headers: all, ...(sent !== undefined && { body: sent }) },
    bounds,
    fetch,
  );
  if (answer.kind === "unavailable") return answer;
  const { status } = answer.value;
  if (status >= 200 && status < 300) return answer;
  return unavailable(refusedWith(answer.value, bounds.called, detail(jsonOf(answer.value.body))));
}

/** The JSON of a 2xx answer. */
export async function askJson(
  connection: Connection,
  request: Request,
  detail?: (body: unknown) => string | undefined,
): Promise<Reading<unknown>> {
  const answer = await ask(connection, request, detail);
  if (answer.kind === "unavailable") return answer;
  const json = jsonOf(answer.value.body);
  return json === undefined ? unreadable(connection) : read(json);
}

/** An answer whose form is not the documented one. */
export function unreadable<T>({ bounds }: Pick<Connection, "bounds">): Reading<T> {
  return unavailable(`${bounds.called} answered in a form that is not its documented one.`);
}

/** Every reading's value, or the first that is unavailable. */
export function together<T>(readings: readonly Reading<T>[]): Reading<readonly T[]> {
  const values: T[] = [];
  for (const reading of readings) {
    if (reading.kind === "unavailable") return reading;
    values.push(reading.value);
  }
  return read(values);
}
