import type { z } from "zod";
import { HttpError } from "./http-error.ts";

/** The body of a request as its schema has it, or GitHub's 422 that names what is wrong. A missing body is an empty one. */
export function bodyOf<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message, code }) => {
    const field = path.join("/");
    return code === "invalid_type" && path.length === 1 && !isGiven(body, field)
      ? `"${field}" wasn't supplied.`
      : `Invalid property /${field}: ${message}`;
  });
  throw new HttpError(422, `Invalid request.\n\n${faults.join("\n")}`);
}

function isGiven(body: unknown, field: string): boolean {
  return typeof body === "object" && body !== null && field in body;
}
