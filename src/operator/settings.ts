import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { isNetwork } from "../adapters/http/addresses.ts";
import { UserError } from "../core/error.ts";
import { isRepoName } from "../core/names.ts";
import { misnamed, type Misnamed } from "./misnamed.ts";

const port = () => z.coerce.number().int().min(0).max(65_535);
const address = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ""));
const list = z.string().transform((text) =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== ""),
);

/** Which of two would go nobody could tell. */
function isOneEach(repositories: readonly string[]): boolean {
  const owners = repositories.map((repo) => repo.split("/")[0]?.toLowerCase());
  return new Set(owners).size === owners.length;
}

/** What the page of the environment, and a complaint, say of a variable. */
export type Variable = {
  readonly means: string;
  /** Where it comes from; for what must be said, and for what few know. */
  readonly from?: string;
  /** The page under docs that has more. */
  readonly page?: string;
  /** What may be written, where that is not plain. */
  readonly example?: string;
  /** Never shown, and better kept in a file than in the environment. */
  readonly secret?: true;
};

// Beside the schema of each, so that no variable is without its words.
const VARIABLES = z.registry<Variable>();

/** What the operator says by environment variables. A variable that is empty counts as not set. */
const Environment = z.object({
  APP_ID: z.coerce.number().int().positive().register(VARIABLES, {
    means: "the App's id",
    from: "App ID at the top of the App's settings",
    example: "1234567",
  }),
  PRIVATE_KEY: z.string().optional().register(VARIABLES, {
    means:
      "the App's private key, PEM, as it is or in one line with `\\n` for its line breaks; this or `PRIVATE_KEY_PATH` is needed",
    from: "Private keys at the end of the App's settings: Generate a private key",
    secret: true,
  }),
  PRIVATE_KEY_PATH: z.string().optional().register(VARIABLES, {
    means: "a file with that key, where the key itself is not given",
    example: "/run/secrets/tidegate.pem",
  }),
  WEBHOOK_SECRET: z.string().register(VARIABLES, {
    means: "what GitHub signs webhooks with: at least 32 characters",
    from: "`openssl rand -hex 32`, and the same under Webhook secret in the App's settings",
    secret: true,
  }),
  WEBHOOK_SECRET_PREVIOUS: z.string().optional().register(VARIABLES, {
    means: "the secret before the present one, while GitHub may still sign with it",
    page: "operating.md#secrets-and-keys",
    secret: true,
  }),
  GITHUB_API_URL: address.default("https://api.github.com").register(VARIABLES, {
    means: "the API of another GitHub than github.com",
    example: "https://ghe.example.com/api/v3",
  }),
  GITHUB_URL: address.default("https://github.com").register(VARIABLES, {
    means: "the address of another GitHub than github.com, as browsers and git reach it",
    example: "https://ghe.example.com",
  }),
  METRICS_HOSTS: list.default([]).register(VARIABLES, {
    means:
      "hosts that metrics may be read from, with commas between them; one that is reached without TLS is said with its scheme",
    example: "prometheus.example.com,http://prometheus.monitoring:9090",
  }),
  METRICS_NETWORKS: list
    .refine((networks) => networks.every(isNetwork), "must be networks such as 10.0.0.0/8, with commas between them")
    .default([])
    .register(VARIABLES, {
      means:
        "networks that hosts of metrics may lie in although they are not public, with commas between them; a Prometheus within the cluster needs it, one that `METRICS_HOSTS` names by its address does not",
      page: "metrics-providers.md",
      example: "10.0.0.0/8,fd00::/8",
    }),
  METRICS_FILES: z.string().optional().register(VARIABLES, {
    means: "a folder with secrets for metrics, one a file, such as a mounted Secret",
    example: "/run/secrets/metrics",
  }),
  CONFIG_REPOSITORY: list
    .refine(
      (repositories) => repositories.every(isRepoName),
      "must be the owner/name of repositories, with commas between them",
    )
    .refine(isOneEach, "must name one repository of each owner")
    .default([])
    .register(VARIABLES, {
      means:
        "the repository whose `.github/tidegate-org.yml` every repository of its owner extends, whether it says so or not; of several owners one each, with commas between them",
      page: "shared-configuration.md#who-says-what-is-extended",
      example: "acme/platform",
    }),
  PUBLIC_URL: address
    .refine((url) => !/[?#@]/.test(url), "must be an address without ?, # and @")
    .optional()
    .register(VARIABLES, {
      means:
        "Tidegate's own address as browsers and GitHub reach it, a folder behind a proxy included; with it checks show charts, without it their text says the same",
      page: "gates.md#what-people-see",
      example: "https://tidegate.example.com",
    }),
  PORT: port().default(3000).register(VARIABLES, { means: "the port that it listens on" }),
  HOST: z.string().default("0.0.0.0").register(VARIABLES, {
    means: "the address of this machine that it listens on",
    example: "127.0.0.1",
  }),
  ADMIN_PORT: port().optional().register(VARIABLES, {
    means:
      "the port of `/metrics`, `/healthz` and `/readyz`; 9464 where it is free, which is tried once and done without if it is not",
    page: "observability.md#where-it-is-read",
    example: "9464",
  }),
  ADMIN_HOST: z.string().default("127.0.0.1").register(VARIABLES, {
    means:
      "the address of this machine that they are read at; in a container `0.0.0.0`, and never through the proxy that GitHub comes by",
    page: "observability.md#where-it-is-read",
    example: "0.0.0.0",
  }),
  DATA_DIR: z.string().default(".tidegate-data").register(VARIABLES, {
    means: "where mirrors of repositories are kept; it may be lost at any time, and no two processes share it",
    example: "/var/lib/tidegate",
  }),
  QUEUE_URL: z
    .url({ protocol: /^rediss?$/, error: "must be an address such as redis://redis.example.com:6379" })
    .optional()
    .register(VARIABLES, {
      means: "a Redis that several processes share their work by; without it the work is kept in the process",
      page: "operating.md#several-processes",
      example: "redis://user:password@redis.example.com:6379",
      secret: true,
    }),
  SWEEP_SECONDS: z.coerce.number().positive().default(300).register(VARIABLES, {
    means: "how often everything is looked at without being asked, in seconds",
  }),
  WRITE_GAP_MS: z.coerce.number().int().min(0).default(1000).register(VARIABLES, {
    means: "the least time between two writes of an installation, in milliseconds; GitHub advises a second",
  }),
  PUSHES_PER_MINUTE: z.coerce.number().int().min(1).max(10_000).default(6).register(VARIABLES, {
    means: "most pushes to one repository in any minute, aborts apart; GitHub advises six",
    page: "operating.md#githubs-limits",
  }),
  MERGES_PER_MINUTE: z.coerce.number().int().min(1).max(10_000).default(1).register(VARIABLES, {
    means: "most merges into one repository in a minute, on average over any five, aborts apart; GitHub advises one",
    page: "operating.md#githubs-limits",
  }),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info").register(VARIABLES, {
    means: "what is logged: `debug`, `info`, `warn` or `error`, and what is worse",
    example: "debug",
  }),
});

export type Settings = Omit<z.infer<typeof Environment>, "PRIVATE_KEY" | "PRIVATE_KEY_PATH"> & {
  readonly PRIVATE_KEY: string;
};

/** A variable by its name; `usual` goes where it is not set, undefined where then nothing does. */
export type Described = Variable & {
  readonly name: string;
  readonly isNeeded: boolean;
  readonly usual: string | undefined;
};

/** Every variable that is read, in the order in which people should meet them. */
export function variables(): readonly Described[] {
  return Object.entries(Environment.shape).map(([name, schema]) => {
    const variable = VARIABLES.get(schema);
    if (variable === undefined) throw new Error(`${name} has no words in the table.`);
    const { success, data } = schema.safeParse(undefined);
    return { ...variable, name, isNeeded: !success, usual: data === undefined ? undefined : String(data) };
  });
}

/** Reads the operator's settings, or throws a UserError that names every variable that is missing or wrong, and never a value. */
export function settingsOf(environment: Readonly<Record<string, string | undefined>>): Settings {
  const given = givenIn(environment);
  const parsed = Environment.safeParse(given);
  const hasKey = given["PRIVATE_KEY"] !== undefined || given["PRIVATE_KEY_PATH"] !== undefined;
  if (!parsed.success || !hasKey) throw new UserError(complaint(parsed.error?.issues ?? [], given, hasKey));
  return { ...parsed.data, PRIVATE_KEY: privateKeyOf(parsed.data) };
}

/** What of them is needed to read metrics alone. Throws a UserError as `settingsOf` does. */
export function metricsSettingsOf(
  environment: Readonly<Record<string, string | undefined>>,
): Pick<Settings, "METRICS_HOSTS" | "METRICS_NETWORKS" | "METRICS_FILES"> {
  const given = givenIn(environment);
  const parsed = Environment.pick({ METRICS_HOSTS: true, METRICS_NETWORKS: true, METRICS_FILES: true }).safeParse(
    given,
  );
  if (!parsed.success) throw new UserError(complaint(parsed.error.issues, given, true));
  return parsed.data;
}

/** The variables of an environment that are set, are read by nothing, and look like one that is not set. */
export function misnamedIn(environment: Readonly<Record<string, string | undefined>>): readonly Misnamed[] {
  return misnamed(
    Object.keys(givenIn(environment)),
    variables().map(({ name }) => name),
  );
}

/** The values of an environment that must never be shown: those of variables that are secret, and whatever configuration may name. */
export function secretsIn(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const ours = new Map(variables().map(({ name, secret }) => [name, secret === true]));
  const secrets = Object.entries(givenIn(environment))
    .filter(([name]) => ours.get(name) ?? /^METRICS_|^OTEL_EXPORTER_OTLP_(?:TRACES_)?HEADERS$/.test(name))
    .map(([, value]) => value);
  return [...secrets, ...secrets.flatMap(passwordIn)];
}

function passwordIn(value: string): readonly string[] {
  const password = URL.parse(value)?.password ?? "";
  return [password, decoded(password)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

type Given = Readonly<Record<string, string>>;

function givenIn(environment: Readonly<Record<string, string | undefined>>): Given {
  const entries = Object.entries(environment).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, value] as const],
  );
  return Object.fromEntries(entries);
}

function complaint(issues: readonly z.core.$ZodIssue[], given: Given, hasKey: boolean): string {
  const problems = issues.map(({ path, message }) => problemText(path.join("."), message, given));
  const key = hasKey ? [] : ["  PRIVATE_KEY or PRIVATE_KEY_PATH: is not set. " + wordsOf("PRIVATE_KEY")];
  return [
    "The environment does not say all that is needed:",
    ...problems,
    ...key,
    ...misnamedIn(given).map(
      ({ written, known }) => `  ${written}: is set, and nothing reads it. Did you mean ${known}?`,
    ),
    "`tidegate setup` registers the App on GitHub and writes what is needed into .env; docs/install.md says how to do it by hand, docs/environment.md has every variable. `npm run demo` needs none of it.",
  ].join("\n");
}

function problemText(name: string, message: string, given: Given): string {
  return given[name] === undefined
    ? `  ${name}: is not set. ${wordsOf(name)}`
    : `  ${name}: ${message}. ${wordsOf(name)}`;
}

/** "The App's id, such as 1234567 (App ID at the top of the App's settings)." */
function wordsOf(name: string): string {
  const variable = variables().find((known) => known.name === name);
  if (variable === undefined) return "";
  const { means, from, example } = variable;
  const like = example === undefined ? "" : `, such as ${example}`;
  const origin = from === undefined ? "" : ` (${from})`;
  return `${means.charAt(0).toUpperCase()}${means.slice(1)}${like}${origin}.`;
}

function privateKeyOf({ PRIVATE_KEY: key, PRIVATE_KEY_PATH: path }: z.infer<typeof Environment>): string {
  const pem = key === undefined ? keyIn(path ?? "") : key.replaceAll("\\n", "\n");
  if (isPrivateKey(pem)) return pem;
  throw new UserError(
    `${key === undefined ? "The file that PRIVATE_KEY_PATH names" : "PRIVATE_KEY"} holds no private key in PEM form: it begins with -----BEGIN and has its line breaks, or \\n for each. GitHub gives it when one is generated in the App's settings.`,
  );
}

function keyIn(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new UserError(`PRIVATE_KEY_PATH names a file that cannot be read: ${path}`);
  }
}

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).type === "private";
  } catch {
    return false;
  }
}
