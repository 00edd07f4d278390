import { createPrivateKey } from "node:crypto";
import { z } from "zod";
import { UserError } from "../core/error.ts";
import type { Place } from "./place.ts";

/** What GitHub gives for the code of a registration, once. */
export type Registered = {
  readonly id: number;
  readonly slug: string;
  /** The account that owns it. */
  readonly owner: string | undefined;
  /** The App's public page, where it is installed. */
  readonly page: string;
  readonly pem: string;
  /** Undefined where GitHub made none. */
  readonly webhookSecret: string | undefined;
};

const Conversion = z.object({
  id: z.number().int().positive(),
  slug: z.string().regex(/^[a-z0-9][a-z0-9-]*$/i),
  owner: z.object({ login: z.string() }).nullish(),
  html_url: z.url({ protocol: /^https?$/ }),
  pem: z.string().refine(isPrivateKey),
  webhook_secret: z.string().min(1).nullish(),
});

const WITHIN_MS = 30_000;
const CODE = /^[\w-]{1,200}$/;

/** Whether a text can be the code of a registration. */
export function isCode(text: string): boolean {
  return CODE.test(text);
}

/** Gives the code for the App's id, key and secret; a UserError says what to do where that fails, and never the code or an answer. */
export async function converted({ api }: Pick<Place, "api">, code: string): Promise<Registered> {
  const found = Conversion.safeParse(await answerTo(`${api}/app-manifests/${code}/conversions`, api));
  if (!found.success) throw lost(`${api} answered what is not understood`);
  const { id, slug, owner, html_url: page, pem, webhook_secret: secret } = found.data;
  return { id, slug, owner: owner?.login, page, pem, webhookSecret: secret ?? undefined };
}

async function answerTo(url: string, api: string): Promise<unknown> {
  const headers = { accept: "application/vnd.github+json", "user-agent": "tidegate" };
  const signal = AbortSignal.timeout(WITHIN_MS);
  const answer = await fetch(url, { method: "POST", headers, signal, redirect: "error" }).catch((error: unknown) => {
    throw lost(`${api} cannot be reached: ${reasonOf(error)}`);
  });
  if (answer.status === 404) throw lost("GitHub does not know the code any more: it counts once, and for an hour");
  if (!answer.ok) throw lost(`${api} answered ${answer.status}`);
  return answer.json().catch(() => undefined);
}

function lost(why: string): UserError {
  return new UserError(
    `The App is registered, but its key could not be had: ${why}. Delete the App in its settings (Advanced) and run tidegate setup again, or generate a private key there and write the file by hand (docs/install.md).`,
  );
}

/** "ECONNREFUSED", without an address that could hold the code. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && "code" in cause) return String(cause.code);
  return error instanceof Error ? error.name : "no answer";
}

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).type === "private";
  } catch {
    return false;
  }
}
