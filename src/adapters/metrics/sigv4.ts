import { createHash, createHmac } from "node:crypto";
import type { Fetch } from "../http/guarded-fetch.ts";

/** What signs for an AWS service. `token` comes with temporary keys. */
export type AwsKey = { readonly id: string; readonly secret: string; readonly token: string | undefined };

export type AwsScope = { readonly region: string; readonly service: string };

/** A request as it is signed. The query of its address is sent as `canonicalQuery` writes it. */
export type Signable = {
  readonly method: string;
  readonly url: URL;
  /** Signed all, besides `host` and the date; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** A fetch that signs (AWS Signature Version 4) what goes through it; `now` in milliseconds. Bodies are text. */
export function signedFetch(fetch: Fetch, key: AwsKey, signing: AwsScope & { readonly now: () => number }): Fetch {
  return (url, init) => {
    const target = new URL(url);
    target.search = canonicalQuery(url.searchParams);
    const body = typeof init.body === "string" ? init.body : "";
    const headers = Object.fromEntries(new Headers(init.headers));
    const signature = signatureOf({ method: init.method ?? "GET", url: target, headers, body }, key, {
      ...signing,
      at: signing.now(),
    });
    return fetch(target, { ...init, headers: { ...headers, ...signature } });
  };
}

/** The headers that a signature adds: date, token and authorization. `at` in milliseconds. */
export function signatureOf(
  { method, url, headers, body }: Signable,
  key: AwsKey,
  { region, service, at }: AwsScope & { readonly at: number },
): Readonly<Record<string, string>> {
  const time = new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, "");
  const day = time.slice(0, 8);
  const added = { "x-amz-date": time, ...(key.token !== undefined && { "x-amz-security-token": key.token }) };
  const signed = Object.entries({ ...headers, host: url.host, ...added })
    .map(([name, value]) => [name.toLowerCase(), value.trim().replace(/ +/g, " ")] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const names = signed.map(([name]) => name).join(";");
  const lines = signed.map(([name, value]) => `${name}:${value}\n`).join("");
  const request = [method, pathOf(url), canonicalQuery(url.searchParams), lines, names, sha256(body)].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(request)].join("\n");
  const steps = [day, region, service, "aws4_request", text];
  const signature = steps.reduce<Buffer>((last, step) => hmac(last, step), Buffer.from(`AWS4${key.secret}`));
  const authorization = `AWS4-HMAC-SHA256 Credential=${key.id}/${scope}, SignedHeaders=${names}, Signature=${signature.toString("hex")}`;
  return { ...added, authorization };
}

/** Parameters by name, then value, both encoded as RFC 3986 has it: a space is %20. */
function canonicalQuery(parameters: URLSearchParams): string {
  return [...parameters]
    .map(([name, value]) => [encoded(name), encoded(value)] as const)
    .toSorted(([a, one], [b, other]) => (a === b ? order(one, other) : order(a, b)))
    .map((pair) => pair.join("="))
    .join("&");
}

function order(a: string, b: string): number {
  return a < b ? -1 : 1;
}

// Every service but S3 wants what stands in the address encoded once more.
function pathOf({ pathname }: URL): string {
  return pathname.split("/").map(encoded).join("/");
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
