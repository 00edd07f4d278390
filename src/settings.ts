import { readFileSync } from "node:fs";
import { z } from "zod";
import { isNetwork } from "./adapters/http/addresses.ts";
import { UserError } from "./core/error.ts";

const port = z.coerce.number().int().min(0).max(65_535);
const address = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ""));
const list = z.string().transform((text) =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== ""),
);

/** What the operator says by environment variables. A variable that is empty counts as not set. */
const Environment = z.object({
  APP_ID: z.coerce.number().int().positive(),
  /** PEM, as it is or with `\n` for line breaks. */
  PRIVATE_KEY: z.string().optional(),
  PRIVATE_KEY_PATH: z.string().optional(),
  WEBHOOK_SECRET: z.string(),
  /** The secret before the present one, while GitHub may still sign with it. */
  WEBHOOK_SECRET_PREVIOUS: z.string().optional(),
  GITHUB_API_URL: address.default("https://api.github.com"),
  GITHUB_URL: address.default("https://github.com"),
  /** Origins or host names that metrics may be read from, with commas between them. */
  METRICS_HOSTS: list.default([]),
  /** Networks in CIDR form that metrics may be read from although they are not public, with commas between them. */
  METRICS_NETWORKS: list
    .refine((networks) => networks.every(isNetwork), "must be networks such as 10.0.0.0/8, with commas between them")
    .default([]),
  /** A folder with secrets for metrics, one a file. */
  METRICS_FILES: z.string().optional(),
  /** The App's own address as browsers reach it; charts are embedded in checks only where it is known. */
  PUBLIC_URL: address.refine((url) => !/[?#@]/.test(url), "must be an address without ?, # and @").optional(),
  PORT: port.default(3000),
  HOST: z.string().default("0.0.0.0"),
  /** Where mirrors of repositories are kept; it may be lost at any time. */
  DATA_DIR: z.string().default(".tidegate-data"),
  /** A Redis that several processes share their work by; without it the work is kept in the process. */
  QUEUE_URL: z
    .url({ protocol: /^rediss?$/, error: "must be an address such as redis://redis.example.com:6379" })
    .optional(),
  SWEEP_SECONDS: z.coerce.number().positive().default(300),
  /** Between two writes of an installation; GitHub advises a second. */
  WRITE_GAP_MS: z.coerce.number().int().min(0).default(1000),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
});

export type Settings = Omit<z.infer<typeof Environment>, "PRIVATE_KEY" | "PRIVATE_KEY_PATH"> & {
  readonly PRIVATE_KEY: string;
};

/** Reads the operator's settings, or throws a UserError that names every variable that is missing or wrong, and never a value. */
export function settingsOf(environment: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = Environment.safeParse(given);
  const hasKey = given["PRIVATE_KEY"] !== undefined || given["PRIVATE_KEY_PATH"] !== undefined;
  if (!parsed.success || !hasKey) throw new UserError(complaint(parsed.error?.issues ?? [], given, hasKey));
  return { ...parsed.data, PRIVATE_KEY: privateKeyOf(parsed.data) };
}

/** What of them is needed to read metrics alone. Throws a UserError as `settingsOf` does. */
export function metricsSettingsOf(
  environment: Readonly<Record<string, string | undefined>>,
): Pick<Settings, "METRICS_HOSTS" | "METRICS_NETWORKS" | "METRICS_FILES"> {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = Environment.pick({ METRICS_HOSTS: true, METRICS_NETWORKS: true, METRICS_FILES: true }).safeParse(
    given,
  );
  if (!parsed.success) throw new UserError(complaint(parsed.error.issues, given, true));
  return parsed.data;
}

function complaint(
  issues: readonly z.core.$ZodIssue[],
  given: Readonly<Record<string, unknown>>,
  hasKey: boolean,
): string {
  const problems = issues.map(({ path, message }) => {
    const variable = path.join(".");
    return `  ${variable}: ${given[variable] === undefined ? "is not set" : message}`;
  });
  const key = hasKey ? [] : ["  PRIVATE_KEY or PRIVATE_KEY_PATH: is not set"];
  return [
    "The environment does not say all that is needed:",
    ...problems,
    ...key,
    "docs/install.md says where each comes from. `npm run demo` needs none of it.",
  ].join("\n");
}

function privateKeyOf({ PRIVATE_KEY: key, PRIVATE_KEY_PATH: path }: z.infer<typeof Environment>): string {
  if (key !== undefined) return key.replaceAll("\\n", "\n");
  try {
    return readFileSync(path ?? "", "utf8");
  } catch {
    throw new UserError(`PRIVATE_KEY_PATH names a file that cannot be read: ${path}`);
  }
}
