import { z } from "zod";
import { armless } from "../core/placeholders.ts";
import type { ProviderForm, ProviderForms } from "../core/provider-form.ts";
import type { RequestSettings } from "../core/requests.ts";
import { err, ok, type Result } from "../core/result.ts";
import { parseAt, problemAt, strict, unknownWord, type OurFile, type Problem } from "./document.ts";
import { duration } from "./duration.ts";
import { hostProblem, type AllowedHosts } from "./hosts.ts";
import { Requests, requestsOf } from "./requests.ts";

const HeaderName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, { error: "must be the name of a header" });

/** A value that only the operator has, by the name of a variable or of a mounted file. */
export type SecretName = { readonly env?: string | undefined; readonly file?: string | undefined };

// Whoever may write this file may choose the host among those allowed; no other secret of the process may be sent there.
const Secret = strict({
  env: z
    .string()
    .regex(/^METRICS_[A-Z0-9_]+$/, { error: "must be the name of a variable that begins with METRICS_" })
    .optional(),
  file: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, {
      error: "must be the name of a file among the operator's, without a path",
    })
    .optional(),
}).refine(({ env, file }) => (env === undefined) !== (file === undefined), {
  error: "must name a variable (env) or a file (file)",
});

const Url = z.url({ error: "must be an address such as https://prometheus.example.com" });
const Timeout = duration(100, 60_000, "from 100ms to 60s").optional();
const Headers = z.record(HeaderName, Secret).default({});
const Region = z.string().regex(/^[a-z]{2,8}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/, {
  error: "must be the name of a region such as eu-central-1",
});

const Prometheus = strict({
  url: Url,
  headers: Headers,
  sigv4: strict({
    region: Region,
    accessKeyId: Secret,
    secretAccessKey: Secret,
    sessionToken: Secret.optional(),
  }).optional(),
  requests: Requests.optional(),
  timeout: Timeout,
});

const Query = z
  .string()
  .min(1, { error: "must be a query" })
  .max(4_000, { error: "must have at most 4000 characters" });

/** What all providers say that are asked for counts; what else one of them says is in its form. */
export const Counted = z
  .object({
    url: Url.optional(),
    headers: Headers,
    secrets: z.record(z.string(), Secret).default({}),
    counts: strict({ total: Query, failed: Query }),
    timeout: Timeout,
  })
  .catchall(z.unknown());
type Counted = z.infer<typeof Counted>;

/** An entry of `metrics`: one provider by the key that says its kind. Kinds that are counted by are known by their forms only. */
export const WrittenProvider = z.object({ prometheus: Prometheus.optional() }).catchall(z.unknown());
type WrittenProvider = z.infer<typeof WrittenProvider>;

/** A server that speaks the Prometheus HTTP API. Undefined parts are the provider's defaults. */
export type PrometheusProvider = {
  readonly kind: "prometheus";
  readonly url: string;
  readonly headers: Readonly<Record<string, SecretName>>;
  readonly sigv4:
    | {
        readonly region: string;
        readonly accessKeyId: SecretName;
        readonly secretAccessKey: SecretName;
        readonly sessionToken?: SecretName | undefined;
      }
    | undefined;
  readonly requests: RequestSettings | undefined;
  readonly timeoutMs: number | undefined;
};

/** A provider that is asked for counts by configured queries; `by` is the key of its form. */
export type CountedProvider = {
  readonly kind: "counted";
  readonly by: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, SecretName>>;
  readonly secrets: Readonly<Record<string, SecretName>>;
  readonly options: Readonly<Record<string, string>>;
  readonly counts: { readonly total: string; readonly failed: string };
  readonly timeoutMs: number | undefined;
  readonly settleMs: number;
};

export type Provider = PrometheusProvider | CountedProvider;

/** What providers may be and where they may stand, which the operator decides. */
export type Allowed = { readonly hosts: AllowedHosts; readonly forms: ProviderForms };

type Path = readonly string[];

/** The providers of `metrics` by their names, or every problem of what they say. */
export function providersIn(
  file: OurFile,
  written: Readonly<Record<string, WrittenProvider>>,
  allowed: Allowed,
): Result<ReadonlyMap<string, Provider>, readonly Problem[]> {
  const providers = new Map<string, Provider>();
  const problems: Problem[] = [];
  for (const [name, entry] of Object.entries(written)) {
    const provider = providerOf(file, ["metrics", name], entry, allowed);
    if (provider.kind === "ok") providers.set(name, provider.value);
    else problems.push(...provider.error);
  }
  return problems.length > 0 ? err(problems) : ok(providers);
}

function providerOf(
  file: OurFile,
  path: Path,
  entry: WrittenProvider,
  { hosts, forms }: Allowed,
): Result<Provider, readonly Problem[]> {
  const [kind, second] = Object.keys(entry).filter((key) => entry[key] !== undefined);
  const known = ["prometheus", ...Object.keys(forms)];
  if (kind === undefined || second !== undefined)
    return err([problemAt(file, path, `must name one provider: ${known.join(", ")}`)]);
  const at = [...path, kind];
  const { prometheus } = entry;
  const provider = prometheus === undefined ? countedOf(file, at, entry[kind], forms) : ok(prometheusOf(prometheus));
  if (provider.kind === "err") return provider;
  const message = hostProblem(provider.value.url, hosts);
  return message === undefined ? provider : err([problemAt(file, [...at, "url"], message)]);
}

function prometheusOf({ url, headers, sigv4, requests, timeout }: z.infer<typeof Prometheus>): PrometheusProvider {
  return { kind: "prometheus", url, headers, sigv4, requests: requests && requestsOf(requests), timeoutMs: timeout };
}

function countedOf(
  file: OurFile,
  at: Path,
  value: unknown,
  forms: ProviderForms,
): Result<CountedProvider, readonly Problem[]> {
  const by = at.at(-1) ?? "";
  const form = Object.hasOwn(forms, by) ? forms[by] : undefined;
  if (form === undefined)
    return err([problemAt(file, at, unknownWord(by, ["prometheus", ...Object.keys(forms)], "the providers are"))]);
  const parsed = parseAt(file, at, value, Counted);
  if (parsed.kind === "err") return parsed;
  const { url = form.url, headers, secrets, counts, timeout, ...options } = parsed.value;
  const problems = formProblems(file, at, parsed.value, form);
  if (problems.length > 0 || url === undefined)
    return err(url === undefined ? [...problems, problemAt(file, [...at, "url"], "is missing")] : problems);
  const chosen: Record<string, string> = {};
  for (const [key, { otherwise }] of Object.entries(form.options))
    chosen[key] = options[key] === undefined ? (otherwise ?? "") : textOf(options[key]);
  return ok({
    kind: "counted",
    by,
    url,
    headers,
    secrets,
    options: chosen,
    counts,
    timeoutMs: timeout,
    settleMs: form.settleMs,
  });
}

/** What a provider's own form finds wrong. */
function formProblems(
  file: OurFile,
  at: Path,
  { url: _, headers: __, secrets, counts, timeout: ___, ...options }: Counted,
  form: ProviderForm,
): readonly Problem[] {
  const problem = (path: Path, message: string | undefined): readonly Problem[] =>
    message === undefined ? [] : [problemAt(file, [...at, ...path], message)];
  const unknown = Object.keys(options).filter((key) => !Object.hasOwn(form.options, key));
  const keys = ["url", "headers", "secrets", "counts", "timeout", ...Object.keys(form.options)];
  return [
    ...unknown.flatMap((key) => problem([key], unknownWord(key, keys, "the keys here are"))),
    ...Object.entries(form.options).flatMap(([key, { fault, otherwise }]) =>
      options[key] === undefined
        ? problem([key], otherwise === undefined ? "is missing" : undefined)
        : problem([key], fault(textOf(options[key]))),
    ),
    ...Object.keys(secrets)
      .filter((key) => !Object.hasOwn(form.secrets, key))
      .flatMap((key) => problem(["secrets", key], unknownWord(key, Object.keys(form.secrets), "the keys here are"))),
    ...Object.entries(form.secrets)
      .filter(([key, need]) => need === "needed" && secrets[key] === undefined)
      .flatMap(([key]) => problem(["secrets", key], "is missing")),
    ...(["total", "failed"] as const).flatMap((key) =>
      problem(
        ["counts", key],
        form.counts.fault(counts[key]) ?? (form.arms === "counts" ? armless(counts[key]) : undefined),
      ),
    ),
  ];
}

/** A number is the text that stands for it; what is neither is none that any form takes. */
function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
