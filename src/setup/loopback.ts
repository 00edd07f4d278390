import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { finished } from "node:stream";
import { UserError } from "../core/error.ts";
import { isCode } from "./conversion.ts";
import { POLICY } from "./html.ts";
import { refusedPage } from "./pages.ts";

/** The words of whoever is at the browser, and those of the page that answers. */
export type Desk = {
  /** The page that offers to register; `state` goes to GitHub and comes back, `back` is where to. */
  readonly offer: (way: { readonly state: string; readonly back: string }) => string;
  /** Takes the code that came back with the right state, once; resolves to the page that answers it. */
  readonly take: (code: string) => Promise<string>;
};

export type Loopback = {
  /** Where the page is; whoever does not know it whole finds nothing. */
  readonly url: string;
  /** Resolves when a code was taken; rejects with what `take` threw, or a UserError when nobody came in time. */
  readonly taken: Promise<void>;
};

const HOST = "127.0.0.1";

/** Serves the page on this machine alone, until a code was taken or `withinMs` are over. Other programs and users of the machine do not know its path. */
export async function loopback(port: number, withinMs: number, desk: Desk): Promise<Loopback> {
  const { promise: taken, resolve, reject } = Promise.withResolvers<void>();
  const server = createServer();
  const bound = await listening(server, port);
  const key = secret();
  const visit: Visit = { desk, key, state: secret(), origin: `http://${HOST}:${bound}`, spent: { is: false } };
  const late = setTimeout(() => end(server, () => reject(new UserError(LATE))), withinMs);
  const finish = (failure: unknown): void => {
    clearTimeout(late);
    end(server, () => (failure === undefined ? resolve() : reject(failure)));
  };
  server.on("request", (request, response) => void answer(visit, { request, response, finish }));
  return { url: `${visit.origin}/${key}/`, taken };
}

const LATE = "Nobody registered the App in time. Run tidegate setup again.";

type Visit = {
  readonly desk: Desk;
  readonly key: string;
  readonly state: string;
  readonly origin: string;
  /** The state counts once. */
  readonly spent: { is: boolean };
};

type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly finish: (failure: unknown) => void;
};

async function answer(visit: Visit, exchange: Exchange): Promise<void> {
  const { desk, key, state, origin, spent } = visit;
  const { request, response } = exchange;
  const url = URL.parse(request.url ?? "/", origin) ?? new URL(origin);
  const refusal = misled(visit, request, url);
  if (refusal !== undefined) return refuse(response, refusal);
  if (url.pathname === `/${key}/`)
    return show(response, 200, desk.offer({ state, back: `${origin}/${key}/registered` }));
  if (!isSame(parameter(url, "state"), state)) return refuse(response, FOREIGN);
  if (!isCode(parameter(url, "code"))) return refuse(response, NO_CODE);
  spent.is = true;
  await takeIt(desk, parameter(url, "code"), exchange);
}

function parameter({ searchParams }: URL, name: string): string {
  return searchParams.get(name) ?? "";
}

type Refusal = { readonly status: number; readonly why: string };

const NO_PAGE: Refusal = { status: 404, why: "There is no such page." };
const NO_CODE: Refusal = { status: 400, why: "GitHub sent no code. Go back and try again." };
const SPENT: Refusal = { status: 410, why: "This registration is over. The terminal says how it went." };
const FOREIGN: Refusal = {
  status: 403,
  why: "This answer does not belong to the registration that was begun here, and is not taken.",
};

/** Why a request is for nothing that is here. */
function misled(
  { origin, key, spent }: Visit,
  { headers, method }: IncomingMessage,
  { pathname }: URL,
): Refusal | undefined {
  // A name that leads here from elsewhere is how a page of somebody else's would ask.
  if (!hostsOf(origin).includes(headers.host ?? "")) return { status: 421, why: "This is not the address." };
  if (!isSame(pathname.split("/")[1] ?? "", key)) return NO_PAGE;
  if (method !== "GET") return { status: 405, why: "This page is only read." };
  if (pathname !== `/${key}/` && pathname !== `/${key}/registered`) return NO_PAGE;
  return spent.is ? SPENT : undefined;
}

async function takeIt(desk: Desk, code: string, { response, finish }: Exchange): Promise<void> {
  try {
    const page = await desk.take(code);
    show(response, 200, page);
    // Even where whoever asked is gone meanwhile.
    finished(response, () => finish(undefined));
  } catch (error) {
    const why = error instanceof UserError ? error.message : "This is a fault of Tidegate's; the terminal says more.";
    refuse(response, { status: 502, why });
    finished(response, () => finish(error));
  }
}

function refuse(response: ServerResponse, { status, why }: Refusal): void {
  show(response, status, refusedPage(status === 502 ? "Registered, but not finished" : "Not here", why));
}

function show(response: ServerResponse, status: number, html: string): void {
  response
    .writeHead(status, {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": POLICY,
      // GitHub is told which program sends the form, and nothing of the page's path.
      "referrer-policy": "origin",
      "x-content-type-options": "nosniff",
      connection: "close",
    })
    .end(html);
}

function hostsOf(origin: string): readonly string[] {
  const { host, port } = new URL(origin);
  return [host, `localhost:${port}`];
}

function secret(): string {
  return randomBytes(32).toString("base64url");
}

/** Whether two texts are the same, in a time that does not tell how much of them is. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash("sha256").update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

async function listening(server: Server, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", (error) =>
    reject(new UserError(`Port ${port} of ${HOST} cannot be had; name another one by --port.`, { cause: error })),
  );
  server.listen(port, HOST, resolve);
  await promise;
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

function end(server: Server, then: () => void): void {
  server.close(then);
  server.closeAllConnections();
}
