import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { afterEach, expect, it } from "vitest";
import { addressRule } from "../../../src/adapters/http/addresses.ts";
import { guardedFetch, REFUSED_ADDRESS, type Guard } from "../../../src/adapters/http/guarded-fetch.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

type Respond = (request: IncomingMessage, response: ServerResponse) => void;

/** The port of a server on loopback that answers so. */
async function serve(respond: Respond): Promise<number> {
  const server = createServer(respond);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server has no port.");
  return address.port;
}

const hello: Respond = (_, response) => void response.end("hello");

/** A resolver that gives the next of these answers each time, the last one for ever. */
function resolver(...answers: readonly (readonly string[])[]) {
  const asked: string[] = [];
  const lookup: NonNullable<Guard["lookup"]> = (host) => {
    const found = answers[Math.min(asked.length, answers.length - 1)] ?? [];
    asked.push(host);
    return Promise.resolve(found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })));
  };
  return { asked, lookup };
}

const onLoopback = addressRule(["127.0.0.0/8"]);

const codeOf = async (answer: Promise<Response>): Promise<unknown> => {
  try {
    return (await answer).status;
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : error;
  }
};

it("goes to the address that the name was looked up to", async () => {
  const port = await serve(hello);
  const { asked, lookup } = resolver(["127.0.0.1"]);
  const answer = await guardedFetch({ rule: onLoopback, lookup })(new URL(`http://metrics.example.com:${port}/`), {});
  expect([answer.status, await answer.text(), asked]).toEqual([200, "hello", ["metrics.example.com"]]);
});

it.each([
  ["loopback", ["127.0.0.1"]],
  ["a private network", ["10.0.0.1"]],
  ["the metadata service", ["169.254.169.254"]],
  ["one of several", ["93.184.215.14", "10.0.0.1"]],
  ["IPv6 that carries IPv4", ["::ffff:127.0.0.1"]],
  ["nothing", []],
])("asks nothing of a name that leads to %s", async (_, addresses) => {
  const port = await serve(() => expect.unreachable());
  const { lookup } = resolver(addresses);
  const fetch = guardedFetch({ rule: addressRule([]), lookup });
  expect(await codeOf(fetch(new URL(`http://metrics.example.com:${port}/`), {}))).toBe(REFUSED_ADDRESS);
});

it("looks again for each new connection: a name that is bound anew leads nowhere else", async () => {
  const port = await serve((_, response) => void response.setHeader("connection", "close").end("hello"));
  const { asked, lookup } = resolver(["127.0.0.1"], ["169.254.169.254"]);
  const fetch = guardedFetch({ rule: onLoopback, lookup });
  const url = new URL(`http://metrics.example.com:${port}/`);
  expect(await (await fetch(url, {})).text()).toBe("hello");
  expect(await codeOf(fetch(url, {}))).toBe(REFUSED_ADDRESS);
  expect(asked).toHaveLength(2);
});

it("asks an address that is written as such, but none that is never asked", async () => {
  const port = await serve(hello);
  const fetch = guardedFetch({ rule: addressRule([]) });
  expect(await codeOf(fetch(new URL(`http://127.0.0.1:${port}/`), {}))).toBe(200);
  expect(await codeOf(fetch(new URL("http://169.254.169.254/latest/meta-data/"), {}))).toBe(REFUSED_ADDRESS);
  expect(await codeOf(fetch(new URL("http://[::ffff:169.254.169.254]/"), {}))).toBe(REFUSED_ADDRESS);
});

it("asks localhost, which is always this machine", async () => {
  const port = await serve(hello);
  const { lookup } = resolver(["127.0.0.1"]);
  const fetch = guardedFetch({ rule: addressRule([]), lookup });
  expect(await codeOf(fetch(new URL(`http://localhost:${port}/`), {}))).toBe(200);
});

it("hands a redirect back as it is", async () => {
  const port = await serve(
    (_, response) => void response.writeHead(302, { location: "http://169.254.169.254/" }).end(),
  );
  const answer = await guardedFetch({ rule: addressRule([]) })(new URL(`http://127.0.0.1:${port}/`), {});
  expect([answer.status, answer.headers.get("location")]).toEqual([302, "http://169.254.169.254/"]);
});

it("sends method, headers and body, and unpacks what is packed", async () => {
  const port = await serve((request, response) => {
    void text(request).then((body) => {
      response.setHeader("content-encoding", "gzip");
      response.end(gzipSync(`${request.method} ${String(request.headers["x-tenant"])} ${body}`));
    });
  });
  const fetch = guardedFetch({ rule: addressRule([]) });
  const url = new URL(`http://127.0.0.1:${port}/`);
  const answer = await fetch(url, { method: "POST", headers: { "x-tenant": "acme" }, body: "{}" });
  expect(await answer.text()).toBe("POST acme {}");
});

it("ends with the reason of its signal, before and within the body", async () => {
  const port = await serve((request, response) => {
    if (request.url === "/begun") response.write("half");
  });
  const fetch = guardedFetch({ rule: addressRule([]) });
  const within = async (path: string) =>
    (await fetch(new URL(path, `http://127.0.0.1:${port}`), { signal: AbortSignal.timeout(100) })).text();
  await expect(within("/silent")).rejects.toMatchObject({ name: "TimeoutError" });
  await expect(within("/begun")).rejects.toMatchObject({ name: "TimeoutError" });
});

it("asks once more where the other side closed an idle connection meanwhile", async () => {
  let sockets = 0;
  const port = await serve((request, response) => {
    // The connection's second request meets a closed door.
    if (seen.has(request.socket)) return void request.socket.resetAndDestroy();
    seen.add(request.socket);
    sockets += 1;
    response.end("hello");
  });
  const seen = new WeakSet();
  const fetch = guardedFetch({ rule: addressRule([]) });
  const ask = async () => (await fetch(new URL(`http://127.0.0.1:${port}/`), {})).text();
  expect([await ask(), await ask(), sockets]).toEqual(["hello", "hello", 2]);
});
