import pino from "pino";
import type { Logger } from "pino";
import { redactor } from "../core/redact.ts";
import type { Fields, Log } from "../ports/log.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export type LoggerOptions = {
  /** What every line is told of the work it is part of. */
  readonly around?: () => Fields;
  /** Values that must never be shown, whatever they look like. */
  readonly secrets?: readonly string[];
};

/** JSON lines on stderr, or wherever `write` puts them. Secrets are cut out of every name and every string before a line leaves, whoever logged it. */
export function jsonLogger(
  level: LogLevel,
  write?: (line: string) => void,
  { around, secrets = [] }: LoggerOptions = {},
): Logger {
  const clean = redactor(secrets);
  const destination = write === undefined ? pino.destination({ fd: 2, sync: true }) : { write };
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: errorFields },
      hooks: { streamWrite: (line) => cleanLine(line, clean) },
      ...(around && { mixin: around }),
    },
    destination,
  );
}

/** The port that most of the program sees of a logger. */
export function logTo(logger: Logger): Log {
  return {
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
  };
}

/** The longest text that is shown. */
const LONGEST = 4_000;
/** The longest that is looked at for secrets, so that none is shown of which the end was cut off. */
const MOST_READ = 4 * LONGEST;

/** What may be logged of an error: its words and where it came from. Other properties of HTTP clients' errors hold payloads and headers. */
export function errorFields(error: unknown): Fields {
  // A list of errors says nothing itself; its first member does.
  const first: unknown = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  if (!(first instanceof Error)) return { error: String(first).slice(0, MOST_READ) };
  const cause = first.cause instanceof Error ? first.cause.message.slice(0, MOST_READ) : undefined;
  const stack = first.stack?.slice(0, MOST_READ);
  return { error: `${first.name}: ${first.message}`.slice(0, MOST_READ), stack, cause };
}

const SECRET_KEYS =
  /authorization|cookie|password|passphrase|(?:api|application|private).?key|pem$|secret|signature|token/i;

type Clean = (text: string) => string;

function cleanLine(line: string, clean: Clean): string {
  return `${JSON.stringify(cleanValue(JSON.parse(line), clean))}\n`;
}

function cleanValue(value: unknown, clean: Clean): unknown {
  if (typeof value === "string") return clean(value).slice(0, LONGEST);
  if (Array.isArray(value)) return value.map((one) => cleanValue(one, clean));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([key, of]) => [
    clean(key),
    SECRET_KEYS.test(key) ? "[redacted]" : cleanValue(of, clean),
  ]);
  return Object.fromEntries(fields);
}
