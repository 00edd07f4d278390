import pino from "pino";
import type { Logger } from "pino";
import { redact } from "../core/redact.ts";
import type { Fields, Log } from "../ports/log.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** JSON lines on stderr, or wherever `write` puts them, each with what `around` says of the work it is part of. Secrets are cut out of every string before a line leaves, whoever logged it. */
export function jsonLogger(level: LogLevel, write?: (line: string) => void, around?: () => Fields): Logger {
  const destination = write === undefined ? pino.destination({ fd: 2, sync: true }) : { write };
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: errorFields },
      hooks: { streamWrite: cleanLine },
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

const LONGEST = 4_000;

/** What may be logged of an error: its words and where it came from. Other properties of HTTP clients' errors hold payloads and headers. */
export function errorFields(error: unknown): Fields {
  // A list of errors says nothing itself; its first member does.
  const first: unknown = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  if (!(first instanceof Error)) return { error: String(first).slice(0, LONGEST) };
  const cause = first.cause instanceof Error ? first.cause.message.slice(0, LONGEST) : undefined;
  return { error: `${first.name}: ${first.message}`.slice(0, LONGEST), stack: first.stack?.slice(0, LONGEST), cause };
}

const SECRET_KEYS = /authorization|cookie|password|private_?key|secret|token/i;

function cleanLine(line: string): string {
  const parsed: unknown = JSON.parse(line);
  return `${JSON.stringify(parsed, (key, value: unknown) => cleanValue(key, value))}\n`;
}

function cleanValue(key: string, value: unknown): unknown {
  if (SECRET_KEYS.test(key)) return "[redacted]";
  return typeof value === "string" ? redact(value) : value;
}
