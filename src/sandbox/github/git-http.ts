import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { PassThrough, pipeline } from "node:stream";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createGunzip } from "node:zlib";
import { withFault } from "./fault-injection.ts";
import type { Fault, Refusal } from "./faults.ts";
import { packet, readCommands } from "./pkt-line.ts";
import { NO_SHA, refTip } from "./repo.ts";
import type { RefChange } from "./repo.ts";
import { advertisementLike, listingFor } from "./ref-listing.ts";
import { followMoves, protectedRef } from "./ref-moves.ts";
import { abilitiesOf, gitEnv } from "./run-git.ts";
import { repoOf } from "./store.ts";
import type { Account, Repo, Store, Token } from "./store.ts";
import { holds, liveToken, mayEnter } from "./tokens.ts";

type Service = "git-upload-pack" | "git-receive-pack";

type Visit = {
  readonly store: Store;
  readonly by: Account;
  readonly repo: Repo;
  readonly service: Service;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
};

const PATH = /^\/([^/]+\/[^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

/** Whether a path belongs to git's smart HTTP. */
export function isGitPath(path: string): boolean {
  return PATH.test(path);
}

/** Serves one request of git's smart HTTP over the bare repository; private, so a token is needed for a fetch too. */
export async function serveGit(store: Store, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(message.url ?? "/", store.origin);
  const [, name = "", end = ""] = PATH.exec(url.pathname) ?? [];
  const service = end === "info/refs" ? url.searchParams.get("service") : end;
  const token = tokenOf(store, message);
  const method = message.method ?? "GET";
  const route = `/{owner}/{repo}.git/${end}`;
  const status = await serve(store, {
    message,
    response,
    token,
    name,
    service,
    isAdvertisement: end === "info/refs",
    route,
  });
  store.calls.push({
    at: store.clock.now(),
    method,
    route,
    path: url.pathname,
    status,
    contentCreating: false,
    installation: token?.installation.id,
  });
}

type Asked = {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly token: Token | undefined;
  readonly name: string;
  readonly service: string | null;
  readonly isAdvertisement: boolean;
  readonly route: string;
};

async function serve(store: Store, asked: Asked): Promise<number | undefined> {
  const { message, response, isAdvertisement, route } = asked;
  const entrance = enter(store, asked);
  if (entrance.kind === "refused") return refuse(response, entrance);
  const { repo, service } = entrance;
  const by = asked.token?.person ?? store.app.bot;
  const visit: Visit = { store, by, repo, service, message, response };
  const fault = gitFault(
    await store.faults.current?.({
      method: message.method ?? "GET",
      route,
      path: message.url ?? "",
      host: message.headers.host ?? "",
      body: undefined,
      isRemembered: false,
    }),
  );
  const isMuted = fault !== undefined && fault.kind !== "delay";
  const run = () => (isAdvertisement ? advertise : exchange)(visit, isMuted);
  const done = await withFault(fault, { run, isMerge: false });
  if (done.kind === "done") return 200;
  if (done.kind === "refuse") return refuse(response, refusedBy(done.fault));
  message.socket.destroy();
  return undefined;
}

// git's own protocol has no lists and no pull requests; a body that breaks off is a connection cut
function gitFault(fault: Fault | undefined): Fault | undefined {
  if (fault?.kind === "breakOff") return { kind: "drop", when: "after" };
  return fault?.kind === "respond" || fault?.kind === "drop" || fault?.kind === "delay" ? fault : undefined;
}

type Entrance =
  | { readonly kind: "entered"; readonly repo: Repo; readonly service: Service }
  | ({ readonly kind: "refused" } & Refused);

type Refused = {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
};

function enter(store: Store, { token, name, service }: Asked): Entrance {
  const refused = (status: number, text: string, headers = {}): Entrance => ({
    kind: "refused",
    status,
    text,
    headers,
  });
  if (token === undefined) return refused(401, "Bad credentials", { "www-authenticate": 'Basic realm="GitHub"' });
  const repo = repoOf(store, name);
  if (repo === undefined || !mayEnter(token, repo)) return refused(404, "Repository not found.");
  if (!isService(service)) return refused(403, "Please upgrade your git client.");
  if (store.installations.get(token.installation.id)?.suspended !== undefined)
    return refused(403, "This installation has been suspended");
  const level = service === "git-receive-pack" ? "write" : "read";
  if (!holds(store, token, { permission: "contents", level }))
    return refused(403, "Write access to repository not granted.");
  return { kind: "entered", repo, service };
}

function refusedBy({ status, message = "Server Error", headers = {} }: Refusal): Refused {
  return { status, text: message, headers };
}

function isService(service: string | null): service is Service {
  return service === "git-upload-pack" || service === "git-receive-pack";
}

function tokenOf(store: Store, { headers }: IncomingMessage): Token | undefined {
  const basic = /^basic\s+(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  if (basic === undefined) return undefined;
  const [user = "", password = ""] = Buffer.from(basic, "base64").toString().split(":");
  return user === "x-access-token" ? liveToken(store, password) : undefined;
}

function refuse(response: ServerResponse, { status, text, headers }: Refused): number {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...headers });
  response.end(`${text}\n`);
  return status;
}

async function advertise(visit: Visit, isMuted: boolean): Promise<void> {
  const { service, message, response } = visit;
  const isVersion2 = message.headers["git-protocol"] === "version=2" && service === "git-upload-pack";
  if (isVersion2) return advertiseAbilities(visit, isMuted);
  const known = service === "git-receive-pack" ? await knownAdvertisement(visit) : undefined;
  if (known !== undefined) {
    if (isMuted) return;
    head(response, `application/x-${service}-advertisement`);
    return void response.end(`${packet(`# service=${service}\n`)}0000${known}`);
  }
  const child = startService(visit, ["--advertise-refs"]);
  child.stdin.end();
  if (!isMuted) {
    head(response, `application/x-${service}-advertisement`);
    response.write(`${packet(`# service=${service}\n`)}0000`);
  }
  await pump(child, response, isMuted);
}

// in version 2 git tells no refs here, only what it can do: the same for as long as it is the same git
async function advertiseAbilities({ repo, response }: Visit, isMuted: boolean): Promise<void> {
  const abilities = await abilitiesOf(repo.git, "upload-pack");
  if (isMuted) return;
  head(response, "application/x-git-upload-pack-advertisement");
  response.end(abilities);
}

// a receive-pack knows no version 2; asked for it, it answers as if nobody had asked
async function knownAdvertisement({ repo, message }: Visit): Promise<string | undefined> {
  const protocol = message.headers["git-protocol"];
  if (protocol !== undefined && protocol !== "version=2") return undefined;
  return advertisementLike(repo.git.dir, await abilitiesOf(repo.git, "receive-pack"));
}

async function exchange(visit: Visit, isMuted: boolean): Promise<void> {
  const { message, response, service, repo } = visit;
  const body = message.headers["content-encoding"] === "gzip" ? createGunzip() : new PassThrough();
  // a client that goes away ends the body with an error, so that nothing waits for the rest of it
  pipeline(message, body, () => undefined);
  if (service === "git-receive-pack") return receive(visit, body, isMuted);
  const request = await buffer(body);
  if (!isMuted) head(response, `application/x-${service}-result`);
  const listing = message.headers["git-protocol"] === "version=2" ? listingFor(repo.git.dir, request) : undefined;
  if (listing !== undefined) return isMuted ? undefined : void response.end(listing);
  const child = startService(visit, []);
  child.stdin.on("error", () => undefined);
  child.stdin.end(request);
  await pump(child, response, isMuted);
}

// the repository's lock is held while git moves the refs, so that no merge comes between the push and what follows from it
function receive(visit: Visit, body: Readable, isMuted: boolean): Promise<void> {
  const { store, by, repo, response, service } = visit;
  return repo.lock(async () => {
    const { received, changes } = await commandsOf(body);
    const child = startService(visit, []);
    child.stdin.write(received);
    pipeInto(body, child);
    if (!isMuted) head(response, `application/x-${service}-result`);
    const output = await collect(child);
    await followMoves({ store, repo, by }, await happened(repo, changes));
    if (!isMuted) response.end(output);
  });
}

async function commandsOf(
  body: Readable,
): Promise<{ readonly received: Buffer; readonly changes: readonly RefChange[] }> {
  let received: Buffer = Buffer.alloc(0);
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    received = Buffer.concat([received, Buffer.from(chunk)]);
    const commands = readCommands(received);
    if (commands.kind === "whole") return { received, changes: commands.changes };
  }
  return { received, changes: [] };
}

async function happened({ git }: Repo, changes: readonly RefChange[]): Promise<readonly RefChange[]> {
  const tips = await Promise.all(changes.map(({ ref }) => refTip(git, ref)));
  return changes.filter(({ before, after }, at) => before !== after && (tips[at] ?? NO_SHA) === after);
}

function startService(
  { store, by, repo, service, message }: Visit,
  args: readonly string[],
): ChildProcessWithoutNullStreams {
  const protocol = message.headers["git-protocol"];
  const guarded = protectedRef({ store, repo, by });
  const env = gitEnv(repo.git.path, {
    ...(typeof protocol === "string" ? { GIT_PROTOCOL: protocol } : {}),
    ...(guarded === undefined ? {} : { SANDBOX_PROTECTED_REF: guarded }),
  });
  // the hook does nothing but guard that ref
  const unhooked = guarded === undefined ? ["-c", "core.hooksPath=/dev/null"] : [];
  return spawn("git", [...unhooked, service.slice("git-".length), "--stateless-rpc", ...args, repo.git.dir], { env });
}

function head(response: ServerResponse, type: string): void {
  response.writeHead(200, { "content-type": type, "cache-control": "no-cache, max-age=0, must-revalidate" });
}

// a client or a git that goes away in the middle only ends its own exchange
function pipeInto(body: Readable, child: ChildProcessWithoutNullStreams): void {
  child.stdin.on("error", () => body.resume());
  body.on("error", () => child.kill());
  if (body.readableEnded) child.stdin.end();
  else body.pipe(child.stdin);
}

function pump(child: ChildProcessWithoutNullStreams, response: ServerResponse, isMuted: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stderr.resume();
    child.on("error", reject);
    child.on("close", () => resolve());
    response.on("close", () => child.kill());
    if (isMuted) child.stdout.resume();
    else child.stdout.pipe(response);
  });
}

function collect(child: ChildProcessWithoutNullStreams): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const out: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.resume();
    child.on("error", reject);
    child.on("close", () => resolve(Buffer.concat(out)));
  });
}
