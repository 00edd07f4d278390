import { readFileSync } from "node:fs";

import { dereference, validate, type Schema } from "@cfworker/json-schema";
import { z } from "zod";

import type { ToldAnswer, ToldDelivery, Witness } from "../../src/sandbox/github/witness.ts";
import { EXCEPTIONS, type Exception, type Fault } from "./exceptions.ts";
import { surplus } from "./surplus.ts";

/** Holds what a GitHub says against what GitHub publishes of itself. */
export type Watch = Witness & {
  /** Throws with everything that was found wrong. */
  readonly verify: () => void;
};

const Answered = z.object({ headers: z.array(z.string()), schema: z.custom<Schema>().optional() });
const Operation = z.object({
  parameters: z.array(
    z.object({ name: z.string(), in: z.string(), required: z.boolean(), schema: z.custom<Schema>() }),
  ),
  body: z.object({ required: z.boolean(), schema: z.custom<Schema>() }).optional(),
  answers: z.record(z.string(), Answered),
});
const Api = z.object({ operations: z.record(z.string(), Operation) });
const Deliveries = z.object({ headers: z.array(z.string()), events: z.record(z.string(), z.custom<Schema>()) });

const Definitions = z.object({ $defs: z.custom<Schema>() });

type Operation = z.infer<typeof Operation>;
type Lookup = ReturnType<typeof dereference>;
type Described<T> = { readonly told: T; readonly lookup: Lookup };

/** Paths of the sandbox's that GitHub describes under another one. */
const DESCRIBED_AS: ReadonlyMap<string, string> = new Map([
  ["GET /repos/{owner}/{repo}/contents", "GET /repos/{owner}/{repo}/contents/{path*}"],
]);

const named = (schema: string): Schema => ({ $ref: `https://github.test/api#/$defs/${schema}` });
const REFUSED = { headers: [], schema: named("basic-error") };

/** What any operation may answer without listing it: GitHub says so once for all of them, in its pages on conditional requests, limits and troubleshooting. */
const ANYWHERE: ReadonlyMap<number, z.infer<typeof Answered>> = new Map<number, z.infer<typeof Answered>>([
  [304, { headers: [] }],
  [422, { headers: [], schema: { anyOf: [named("validation-error"), named("basic-error")] } }],
  ...[400, 401, 403, 404, 429, 500, 502, 503].map((status) => [status, REFUSED] as const),
]);

const API = described("api", Api);
const DELIVERIES = described("deliveries", Deliveries);

/** Watches a GitHub. `most`: how many answers of one operation and status, and how many of one event's deliveries, are looked at: the first ones. */
export function watch(most = Number.POSITIVE_INFINITY): Watch {
  const faults = new Set<string>();
  const seen = new Map<string, number>();
  const look = (what: string, faultsOf: () => readonly Fault[]): void => {
    const count = (seen.get(what) ?? 0) + 1;
    seen.set(what, count);
    if (count > most) return;
    for (const { said } of faultsOf()) faults.add(`${what}: ${said}`);
  };
  return {
    onAnswer: (told) => look(answerName(told), () => answerFaults(told)),
    onDelivery: (told) => look(deliveryName(told), () => deliveryFaults(told)),
    verify: () => {
      if (faults.size > 0) throw new Error(`This is not what GitHub describes:\n${[...faults].join("\n")}`);
    },
  };
}

/** Whether GitHub describes a route, by `METHOD path`. */
export function isDescribed(route: string): boolean {
  return (DESCRIBED_AS.get(route) ?? route) in API.told.operations;
}

/** What of an answer, and of the request to it, GitHub does not describe so. */
export function answerFaults(told: ToldAnswer, exceptions = EXCEPTIONS): readonly Fault[] {
  const route = `${told.method} ${told.route}`;
  const operation = API.told.operations[DESCRIBED_AS.get(route) ?? route];
  if (operation === undefined) return [{ what: route, said: "is not described" }];
  // a request that was refused for what it says is no claim about what may be said
  const isRefused = told.status === 400 || told.status === 401 || told.status === 422;
  const found = [...(isRefused ? [] : requestFaults(operation, told)), ...statusFaults(operation, told)];
  return unexcused(answerName(told), found, exceptions);
}

/** What of a delivery GitHub does not describe so. */
export function deliveryFaults(told: ToldDelivery, exceptions = EXCEPTIONS): readonly Fault[] {
  const what = deliveryName(told);
  const schema = DELIVERIES.told.events[what];
  if (schema === undefined) return [{ what, said: "is not described" }];
  const missing = DELIVERIES.told.headers.filter((name) => told.headers[name] === undefined);
  const found = [
    ...missing.map((name) => ({ said: `has no header ${name}` })),
    ...faultsOf(JSON.parse(told.body), schema, DELIVERIES.lookup),
  ];
  return unexcused(what, found, exceptions);
}

type Found = Omit<Fault, "what">;

function unexcused(what: string, found: readonly Found[], exceptions: readonly Exception[]): readonly Fault[] {
  return found.map((one) => ({ what, ...one })).filter((fault) => !exceptions.some(({ fits }) => fits(fault)));
}

function answerName({ method, route, status }: ToldAnswer): string {
  return `${method} ${route} ${status}`;
}

function deliveryName({ event, action }: ToldDelivery): string {
  return action === undefined ? event : `${event}.${action}`;
}

function statusFaults({ answers, parameters }: Operation, told: ToldAnswer): readonly Found[] {
  const answer = answers[told.status] ?? ANYWHERE.get(told.status);
  if (answer === undefined) return [{ said: "is not listed" }];
  // where a refusal is listed without a body it is GitHub's usual one
  const usual = told.status >= 400 ? REFUSED.schema : undefined;
  const isPaged = parameters.some(({ name }) => name === "page" || name === "cursor");
  const listed = isPaged ? [...answer.headers, "link"] : answer.headers;
  return [...headerFaults(listed, told), ...textFaults(answer.schema ?? usual, told)];
}

function headerFaults(listed: readonly string[], { headers }: ToldAnswer): readonly Found[] {
  const { link } = headers;
  const missing = listed.filter((name) => name !== "link" && headers[name] === undefined);
  return [
    ...missing.map((name) => ({ said: `has no header ${name}` })),
    ...(link === undefined || listed.includes("link") ? [] : [{ said: "has a header link" }]),
    ...(link === undefined || LINK.test(link) ? [] : [{ said: "has another header link" }]),
  ];
}

const LINK = /^(?:<https?:\/\/[^>]+>; rel="(?:prev|next|first|last)"(?:, |$))+$/;

function textFaults(schema: Schema | undefined, { text, headers }: ToldAnswer): readonly Found[] {
  if (schema === undefined) return text === "" ? [] : [{ said: "has a body" }];
  const type = headers["content-type"] ?? "";
  if (type.startsWith("application/vnd.github.raw")) return [];
  if (!type.startsWith("application/json") || text === "") return [{ said: "has no JSON" }];
  return faultsOf(JSON.parse(text), schema, API.lookup);
}

function requestFaults(operation: Operation, { query, asked }: ToldAnswer): readonly Found[] {
  const inQuery = operation.parameters.filter((parameter) => parameter.in === "query");
  const parameters = [...query].flatMap(([name, value]) => {
    const parameter = inQuery.find((one) => one.name === name);
    if (parameter === undefined) return [{ said: `is asked with ?${name}` }];
    const found = [value, ...literals(value)].map((one) => faultsOf(one, parameter.schema, API.lookup));
    return found.some((faults) => faults.length === 0) ? [] : [{ said: `is asked with ?${name}=${value}` }];
  });
  const missing = inQuery.filter(({ name, required }) => required && !query.has(name));
  return [
    ...parameters,
    ...missing.map(({ name }) => ({ said: `is asked without ?${name}` })),
    ...bodyFaults(operation, asked),
  ];
}

// what a value in a query may stand for besides its text
function literals(value: string): readonly unknown[] {
  if (value === "true" || value === "false") return [value === "true"];
  return /^-?\d+$/.test(value) ? [Number(value)] : [];
}

function bodyFaults({ body }: Operation, asked: string): readonly Found[] {
  if (asked === "") return body?.required === true ? [{ said: "is asked without a body" }] : [];
  const given: unknown = JSON.parse(asked);
  if (body === undefined) return asked === "{}" ? [] : [{ said: "is asked with a body" }];
  return faultsOf(given, body.schema, API.lookup).map(({ said, value }) => ({ said: `is asked with ${said}`, value }));
}

function faultsOf(value: unknown, schema: Schema, lookup: Lookup): readonly Found[] {
  const extra = surplus(value, schema, lookup).map((path) => ({ said: `${path}: is not described` }));
  if (validate(value, schema, "2020-12", lookup).valid) return extra;
  const { errors } = validate(value, schema, "2020-12", lookup, false);
  const inner = errors.filter(({ keyword }) => !AROUND.has(keyword));
  return [
    ...(inner.length === 0 ? errors : inner).map(({ instanceLocation: path, error }) => ({
      said: `${path}: ${error}`,
      value: valueAt(value, path),
    })),
    ...extra,
  ];
}

// these say only that something inside is wrong
const AROUND: ReadonlySet<string> = new Set(["properties", "items", "$ref", "allOf"]);

function valueAt(value: unknown, path: string): unknown {
  const names = path.split("/").slice(1);
  return names.reduce((at: unknown, name) => (isFields(at) ? at[name] : undefined), value);
}

function isFields(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null;
}

function described<T>(name: string, shape: z.ZodType<T>): Described<T> {
  const $id = `https://github.test/${name}`;
  const text = readFileSync(new URL(`../data/github/${name}.json`, import.meta.url), "utf8");
  const content: unknown = JSON.parse(text.replaceAll(/("\$ref": ?")#/g, `$1${$id}#`));
  return { told: shape.parse(content), lookup: dereference({ ...Definitions.parse(content), $id }) };
}
