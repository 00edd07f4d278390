import type { IncomingHttpHeaders } from "node:http";
import type { Outline } from "./outline.ts";

/** A webhook whose signature was right, with what is read of its payload. */
export type Delivery = { readonly id: string; readonly name: string; readonly payload: unknown };

export type Answer = {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Envelope = { readonly id: string; readonly name: string; readonly signature: string };

export type Opened =
  | { readonly kind: "opened"; readonly envelope: Envelope }
  | { readonly kind: "refused"; readonly answer: Answer };

/** Checks the headers of a webhook, before a byte of its body is read. */
export function envelopeOf(headers: IncomingHttpHeaders): Opened {
  const signature = matching(headers["x-hub-signature-256"], /^sha256=[0-9a-f]{64}$/);
  if (signature === undefined) return refused(401, "A signature is required: set the webhook's secret.");
  if (!isJson(headers["content-type"] ?? ""))
    return refused(415, "The webhook's content type must be application/json.");
  const name = matching(headers["x-github-event"], /^[a-z][a-z0-9_]{0,63}$/);
  const id = matching(headers["x-github-delivery"], /^[A-Za-z0-9-]{1,64}$/);
  if (name === undefined || id === undefined) return refused(400, "The headers of a webhook are missing or malformed.");
  return { kind: "opened", envelope: { id, name, signature } };
}

function isJson(contentType: string): boolean {
  return contentType === "application/json" || /^application\/json\s*(;|$)/i.test(contentType);
}

/** What is read of a verified body; undefined where it is not a JSON object. */
export function payloadOf(bytes: Buffer, outline: Outline): unknown {
  try {
    return outline(bytes);
  } catch {
    return undefined;
  }
}

function matching(value: string | string[] | undefined, pattern: RegExp): string | undefined {
  return typeof value === "string" && pattern.test(value) ? value : undefined;
}

function refused(status: number, text: string): Opened {
  return { kind: "refused", answer: { status, text } };
}
