import { z } from "zod";

type Fields = { readonly [key: string]: unknown };

/** A route as the sandbox knows it, by the whole path of the API. */
export type Route = { readonly method: string; readonly path: string };

/** What is kept of GitHub's description of its API. Every schema is plain JSON Schema. */
export type Api = {
  /** By the sandbox's own method and path. */
  readonly operations: { readonly [route: string]: Operation };
  readonly $defs: Fields;
};

type Operation = {
  readonly operation: string;
  readonly parameters: readonly Parameter[];
  readonly body?: { readonly required: boolean; readonly schema: unknown };
  /** By status; one without a schema has no body. */
  readonly answers: { readonly [status: string]: Answered };
};

type Parameter = { readonly name: string; readonly in: string; readonly required: boolean; readonly schema: unknown };
type Answered = { readonly headers: readonly string[]; readonly schema?: unknown };

/** What is kept of GitHub's description of what it delivers: the headers of every delivery, and each event's payload. */
export type Deliveries = {
  readonly headers: readonly string[];
  /** By `event` or `event.action`. */
  readonly events: { readonly [event: string]: unknown };
  readonly $defs: Fields;
};

/** Takes out of GitHub's OpenAPI description what these routes need. Throws where it knows one of them not. */
export function describeApi(document: unknown, routes: readonly Route[]): Api {
  const openApi = fieldsOf(document);
  const paths = new Map(Object.entries(fieldsOf(openApi["paths"])).map(([path, item]) => [shapeOf(path), item]));
  const operations = routes.map(({ method, path }): [string, Operation] => {
    const operation = fieldsOf(paths.get(shapeOf(path)))[method.toLowerCase()];
    if (operation === undefined) throw new Error(`GitHub's description has no ${method} ${path}.`);
    return [`${method} ${path}`, operationOf(openApi, operation)];
  });
  return { operations: Object.fromEntries(operations), $defs: definitionsOf(openApi, operations) };
}

/** Takes out of GitHub's description of its webhooks what these events need, each `event` or `event.action`. Throws where it knows one of them not. */
export function describeDeliveries(document: unknown, events: readonly string[]): Deliveries {
  const openApi = fieldsOf(document);
  const webhooks = fieldsOf(openApi["webhooks"]);
  const described = events.map((event) => {
    const webhook = webhooks[event.replaceAll(/[._]/g, "-")];
    if (webhook === undefined) throw new Error(`GitHub's description has no ${event}.`);
    return { event, ...Webhook.parse(webhook).post };
  });
  const payloads = described.map(({ event, requestBody }): [string, unknown] => [event, plain(bodyOf(requestBody))]);
  const headers = described.map(({ parameters }) =>
    parameters.filter(({ required }) => required).map(({ name }) => name.toLowerCase()),
  );
  const [first = []] = headers;
  return {
    headers: first.filter((name) => headers.every((names) => names.includes(name))),
    events: Object.fromEntries(payloads),
    $defs: definitionsOf(openApi, payloads),
  };
}

const Content = z.object({ content: z.record(z.string(), z.object({ schema: z.unknown() })).default({}) });

const Webhook = z.object({
  post: z.object({
    parameters: z.array(z.object({ name: z.string(), required: z.boolean().default(false) })),
    requestBody: Content,
  }),
});

const OpenApiOperation = z.object({
  operationId: z.string(),
  parameters: z.array(z.unknown()).default([]),
  requestBody: Content.extend({ required: z.boolean().default(false) }).optional(),
  responses: z.record(z.string(), z.unknown()),
});

const OpenApiParameter = z.object({
  name: z.string(),
  in: z.string(),
  required: z.boolean().default(false),
  schema: z.unknown(),
});

const OpenApiAnswer = Content.extend({ headers: z.record(z.string(), z.unknown()).default({}) });

function operationOf(openApi: Fields, value: unknown): Operation {
  const { operationId, parameters, requestBody, responses } = OpenApiOperation.parse(value);
  const answers = Object.entries(responses).map(([status, answer]): [string, Answered] => [
    status,
    answerOf(openApi, answer),
  ]);
  const body =
    requestBody === undefined ? {} : { body: { required: requestBody.required, schema: plain(bodyOf(requestBody)) } };
  return {
    operation: operationId,
    parameters: parameters.map((parameter) => {
      const { schema, ...facts } = OpenApiParameter.parse(resolved(openApi, parameter));
      return { ...facts, schema: plain(schema) };
    }),
    ...body,
    answers: Object.fromEntries(answers),
  };
}

function answerOf(openApi: Fields, value: unknown): Answered {
  const answer = OpenApiAnswer.parse(resolved(openApi, value));
  const headers = Object.keys(answer.headers).map((name) => name.toLowerCase());
  const schema = bodyOf(answer);
  return { headers, ...(schema === undefined ? {} : { schema: plain(schema) }) };
}

function bodyOf({ content }: z.infer<typeof Content>): unknown {
  return content["application/json"]?.schema;
}

/** What stands in the description where something refers to it; schemas are left to refer to each other. */
function resolved(openApi: Fields, value: unknown): unknown {
  const reference = fieldsOf(value)["$ref"];
  if (typeof reference !== "string") return value;
  return reference
    .split("/")
    .slice(1)
    .reduce((at: unknown, name) => fieldsOf(at)[name], openApi);
}

/** Every schema that the roots lead to. */
function definitionsOf(openApi: Fields, roots: unknown): Fields {
  const schemas = fieldsOf(fieldsOf(openApi["components"])["schemas"]);
  const found = new Map<string, unknown>();
  const wanted = [...referencesIn(roots)];
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (found.has(name)) continue;
    const schema = plain(schemas[name]);
    found.set(name, schema);
    wanted.push(...referencesIn(schema));
  }
  return Object.fromEntries([...found].toSorted(([a], [b]) => a.localeCompare(b, "en")));
}

function referencesIn(value: unknown): readonly string[] {
  return [...JSON.stringify(value).matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)].map(([, name = ""]) => name);
}

const wordsOf = (text: string): ReadonlySet<string> => new Set(text.split(" "));
const KEPT = wordsOf(
  "type enum required format pattern uniqueItems minimum maximum minLength maxLength minItems maxItems minProperties maxProperties",
);
const NESTED = wordsOf("items additionalProperties not allOf anyOf oneOf");
const SAID = wordsOf(
  "title description example examples default deprecated readOnly writeOnly externalDocs nullable discriminator",
);

/** A schema without its prose, in the words of JSON Schema alone: OpenAPI 3.0 says `nullable` where that says "or null". */
function plain(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(plain);
  if (!isFields(schema)) return schema;
  const kept = Object.entries(schema).flatMap(([keyword, value]): [string, unknown][] => {
    if (SAID.has(keyword) || keyword.startsWith("x-")) return [];
    return [[keyword, partOf(keyword, value)]];
  });
  const rest = Object.fromEntries(kept);
  return schema["nullable"] === true ? orNull(rest) : rest;
}

function partOf(keyword: string, value: unknown): unknown {
  if (KEPT.has(keyword)) return value;
  if (NESTED.has(keyword)) return plain(value);
  if (keyword === "$ref") return String(value).replace("#/components/schemas/", "#/$defs/");
  if (keyword === "properties")
    return Object.fromEntries(Object.entries(fieldsOf(value)).map(([name, schema]) => [name, plain(schema)]));
  throw new Error(`The keyword ${keyword} is not known.`);
}

function orNull({ type, enum: values, ...rest }: Fields): Fields {
  if (type === undefined && values === undefined)
    return Object.keys(rest).length === 0 ? rest : { anyOf: [NULL, rest] };
  return {
    ...(type === undefined ? {} : { type: [type, "null"].flat() }),
    ...(Array.isArray(values) ? { enum: [...new Set<unknown>(values).add(null)] } : {}),
    ...rest,
  };
}

const NULL = { type: "null" };

// parameters are called otherwise in the sandbox, where some reach over several segments
function shapeOf(path: string): string {
  return path.replaceAll(/\{[^}]*\}/g, "{}");
}

function fieldsOf(value: unknown): Fields {
  if (isFields(value)) return value;
  throw new TypeError(`No object: ${String(value)}`);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
