import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { Published } from "./shapes/published.ts";
import { nodeId, userShape } from "./shapes/account.ts";
import { timestamp, type Permissions } from "./store.ts";

/** An App as it was registered, for `startGitHub` to go on with. */
export type RegisteredApp = {
  readonly id: number;
  readonly slug: string;
  readonly clientId: string;
  readonly publicKey: string;
  readonly webhookSecret: string;
  readonly webhookUrl?: string;
  readonly permissions: Permissions;
  readonly events: readonly string[];
};

/** The part of GitHub's site where Apps are registered from a manifest, and the one operation that redeems its code. */
export type Registrar = {
  readonly serves: (path: string) => boolean;
  readonly serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Every App whose code was redeemed, in order. None of them is the one that the sandbox knows. */
  readonly apps: () => readonly RegisteredApp[];
};

/** The registrar of a GitHub at `origin`. */
export function registrarAt(origin: string, nextId: () => number): Registrar {
  const desk: Desk = { origin, pending: new Map(), apps: [], nextId };
  return {
    serves: (path) => [NEW, MANIFEST, CONVERSION].some((pattern) => pattern.test(path)),
    serve: (request, response) => serve(desk, request, response),
    apps: () => desk.apps,
  };
}

type Desk = {
  readonly origin: string;
  /** Manifests whose code is not redeemed yet, by it. */
  readonly pending: Map<string, Pending>;
  readonly apps: RegisteredApp[];
  readonly nextId: () => number;
};

type Pending = { readonly manifest: Manifest; readonly owner: string };

type Manifest = z.infer<typeof Manifest>;

// What GitHub refuses here, it refuses with a page; keys that it does not know among them.
const Manifest = z.strictObject({
  name: z.string().min(1).max(34),
  url: z.url({ protocol: /^https?$/ }),
  description: z.string().optional(),
  public: z.boolean().optional(),
  hook_attributes: z.strictObject({ url: z.url().refine(isPublic), active: z.boolean().optional() }).optional(),
  redirect_url: z.url({ protocol: /^https?$/ }),
  default_permissions: z.record(z.string(), z.enum(["read", "write"])),
  default_events: z.array(z.string()),
});

/** By GitHub's documentation, which permission lets an App subscribe to an event. */
const NEEDED_BY: Readonly<Record<string, string>> = {
  push: "contents",
  delete: "contents",
  pull_request: "pull_requests",
  pull_request_review: "pull_requests",
  issue_comment: "issues",
  repository: "metadata",
  merge_group: "merge_queues",
};

const NEW = /^(?:\/organizations\/(?<owner>[A-Za-z0-9-]+))?\/settings\/apps\/new$/;
const MANIFEST = /^(?:\/organizations\/(?<owner>[A-Za-z0-9-]+))?\/settings\/apps\/manifest$/;
const CONVERSION = /^\/api\/v3\/app-manifests\/(?<code>[^/]+)\/conversions$/;

async function serve(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", desk.origin);
  const form = new URLSearchParams(await text(request));
  const sent = {
    manifest: form.get("manifest") ?? "",
    state: url.searchParams.get("state") ?? form.get("state") ?? "",
  };
  const path = request.method === "POST" ? url.pathname : "";
  const [conversion, confirmed] = [CONVERSION.exec(path), MANIFEST.exec(path)];
  if (conversion !== null) return redeem(desk, conversion.groups?.["code"] ?? "", response);
  if (confirmed !== null) return confirm(desk, { ...sent, owner: confirmed.groups?.["owner"] }, response);
  return NEW.test(path) ? ask({ ...sent, path }, response) : json(response, 404, { message: "Not Found" });
}

/** The page on which people read the App's name once more and consent. */
function ask(
  asked: { readonly path: string; readonly state: string; readonly manifest: string },
  response: ServerResponse,
) {
  const read = manifestIn(asked.manifest);
  if (typeof read === "string")
    return page(response, 400, `<h1>Invalid GitHub App configuration</h1><p>${attribute(read)}</p>`);
  const action = asked.path.replace(/new$/, "manifest");
  return page(
    response,
    200,
    `<h1>Create GitHub App</h1><form method="post" action="${attribute(action)}"><input name="manifest" type="hidden" value="${attribute(asked.manifest)}"><input name="state" type="hidden" value="${attribute(asked.state)}"><button>Create GitHub App</button></form>`,
  );
}

type Confirmed = { readonly owner: string | undefined; readonly state: string; readonly manifest: string };

function confirm(desk: Desk, { owner = "ana", state, manifest: written }: Confirmed, response: ServerResponse): void {
  const manifest = manifestIn(written);
  if (typeof manifest === "string") return page(response, 400, attribute(manifest));
  const code = randomBytes(20).toString("hex");
  desk.pending.set(code, { manifest, owner });
  const back = new URL(manifest.redirect_url);
  back.searchParams.set("code", code);
  back.searchParams.set("state", state);
  response.writeHead(302, { location: back.href }).end();
}

function redeem(desk: Desk, code: string, response: ServerResponse): void {
  const pending = desk.pending.get(code);
  if (pending === undefined) return json(response, 404, { message: "Not Found" });
  desk.pending.delete(code);
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const { manifest } = pending;
  const { hook_attributes: hook } = manifest;
  const app: RegisteredApp = {
    id: desk.nextId(),
    slug: manifest.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"),
    clientId: `Iv1.${randomUUID().slice(0, 16)}`,
    publicKey,
    webhookSecret: randomBytes(20).toString("hex"),
    ...(hook === undefined || hook.active === false ? {} : { webhookUrl: hook.url }),
    permissions: manifest.default_permissions,
    events: manifest.default_events,
  };
  desk.apps.push(app);
  return json(response, 201, conversionShape(desk, app, { pending, pem: privateKey }));
}

function conversionShape(
  desk: Desk,
  { id, slug, clientId, webhookSecret, permissions, events }: RegisteredApp,
  { pending, pem }: { readonly pending: Pending; readonly pem: string },
) {
  const { manifest, owner } = pending;
  return {
    id,
    slug,
    client_id: clientId,
    client_secret: randomBytes(20).toString("hex"),
    webhook_secret: webhookSecret,
    pem,
    node_id: nodeId("App", id),
    owner: userShape(desk, { id: desk.nextId(), login: owner, type: owner === "ana" ? "User" : "Organization" }),
    name: manifest.name,
    description: manifest.description ?? null,
    external_url: manifest.url,
    html_url: `${desk.origin}/apps/${slug}`,
    created_at: timestamp(0),
    updated_at: timestamp(0),
    permissions: { ...permissions },
    events: [...events],
  } satisfies Published<"apps", "createFromManifest">;
}

/** The manifest, or in words why GitHub takes it for none. */
function manifestIn(written: string): Manifest | string {
  const parsed = Manifest.safeParse(jsonOf(written));
  if (!parsed.success) return z.prettifyError(parsed.error);
  const { default_events: events, default_permissions: permissions } = parsed.data;
  const unheard = events.find((event) => permissions[NEEDED_BY[event] ?? ""] === undefined);
  return unheard === undefined ? parsed.data : `Default events unsupported: ${unheard}`;
}

function jsonOf(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    return undefined;
  }
}

/** GitHub takes no webhook that it cannot reach, active or not. */
function isPublic(address: string): boolean {
  return !/^(?:localhost|127\..*|\[::1\])$/.test(new URL(address).hostname);
}

function page(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { "content-type": "text/html; charset=utf-8" }).end(html);
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
}

function attribute(value: string): string {
  return value.replaceAll(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
