import { request } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Delivery } from "../../../src/adapters/http/delivery.ts";
import type { Ingress } from "../../../src/adapters/http/ingress.ts";
import { PATIENT } from "../../support/patience.ts";
import { NEXT_SECRET, PATH, SECRET, openFront, post, raw, signed } from "./world.ts";
import type { Changes } from "./world.ts";

const BODY = JSON.stringify({ marker: "payload-marker", repository: { full_name: "acme/gitops" } });

const opened: Pick<Ingress, "close">[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ close }) => close(1_000)));
});

async function world(changes: Changes = {}) {
  const received: Delivery[] = [];
  const front = await openFront(async (delivery) => void received.push(delivery), changes);
  opened.push(front);
  return { ...front, received };
}

describe("a webhook", () => {
  it("is received once when its signature is right, with what is read of it", async () => {
    const { url, received } = await world();
    expect(await post(url, BODY, signed(BODY))).toMatchObject({ status: 202, text: "accepted" });
    const payload = { repository: { full_name: "acme/gitops" } };
    expect(received).toEqual([{ id: "72d3162e-cc78-11e3-81ab-4c9367dc0958", name: "push", payload }]);
  });

  it("of an event of which nothing is read is taken and goes nowhere", async () => {
    const { url, received } = await world();
    const [star, named] = ["star", "constructor"].map((event) => ({ ...signed(BODY), "x-github-event": event }));
    expect((await post(url, BODY, star ?? {})).status).toBe(202);
    expect((await post(url, BODY, named ?? {})).status).toBe(202);
    expect((await post(url, BODY, { ...star, ...signed(`${BODY} `), "x-github-event": "star" })).status).toBe(401);
    expect(received).toEqual([]);
  });

  it("may be signed with either of two secrets while one is replaced", async () => {
    const { url, received } = await world({ options: { secrets: [NEXT_SECRET, SECRET] } });
    expect((await post(url, BODY, signed(BODY, SECRET))).status).toBe(202);
    expect((await post(url, BODY, signed(BODY, NEXT_SECRET))).status).toBe(202);
    expect((await post(url, BODY, signed(BODY, "development"))).status).toBe(401);
    expect(received).toHaveLength(2);
  });

  it("may be as large as GitHub sends them, in bytes that are no ASCII", async () => {
    const { url, received } = await world();
    const body = JSON.stringify({ text: "é".repeat(12_000_000) });
    expect((await post(url, body, signed(body))).status).toBe(202);
    expect(received).toHaveLength(1);
  });
});

const GOOD = signed(BODY);

function without(name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(GOOD).filter(([key]) => key !== name));
}

function head(more: Record<string, string>): string {
  const lines = Object.entries({ ...GOOD, host: "x", ...more }).map(([key, value]) => `${key}: ${value}`);
  return `POST ${PATH} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
}

/** Sends so many MiB without saying how many; the status that comes back. */
function postChunks(url: string, mebibytes: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${PATH}`, { method: "POST", headers: GOOD }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on("error", reject);
    for (let i = 0; i < mebibytes; i += 1) sent.write(new Uint8Array(2 ** 20));
    sent.end();
  });
}

describe("a refusal", () => {
  it.each([
    ["no signature", BODY, without("x-hub-signature-256"), 401],
    ["a short signature", BODY, { ...GOOD, "x-hub-signature-256": "sha256=abc" }, 401],
    ["an old SHA-1 signature", BODY, { ...GOOD, "x-hub-signature-256": `sha1=${"a".repeat(40)}` }, 401],
    ["a signature under another secret", BODY, signed(BODY, "development"), 401],
    ["a signature of another body", `${BODY} `, GOOD, 401],
    ["malformed JSON", "{", signed("{"), 400],
    ["JSON that is no object", "[1]", signed("[1]"), 400],
    ["an empty body", "", signed(""), 400],
    ["no event", BODY, without("x-github-event"), 400],
    ["an event that is no name", BODY, { ...GOOD, "x-github-event": "../push" }, 400],
    ["no delivery", BODY, without("x-github-delivery"), 400],
    ["a delivery that is no id", BODY, { ...GOOD, "x-github-delivery": "a b" }, 400],
    ["a form", BODY, { ...GOOD, "content-type": "application/x-www-form-urlencoded" }, 415],
  ])("%s: nothing received, nothing of it logged", async (_, body, headers, status) => {
    const { url, received, logged } = await world();
    expect((await post(url, body, headers)).status).toBe(status);
    expect(received).toEqual([]);
    expect(logged.join("")).not.toMatch(/payload-marker|acme|72d3162e|sha256=|\.\.\/push/);
    expect(logged).toHaveLength(1);
  });

  it("of 30 MB that are announced comes before the body", async () => {
    const { port, received } = await world({ limits: { lingerMs: 10 } });
    const answer = await raw(port, head({ "content-length": String(30 * 2 ** 20) }));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toMatch(/connection: close/i);
    expect(received).toEqual([]);
  });

  it("of 30 MB that are not announced comes at the cap", async () => {
    const { url, received } = await world();
    expect(await postChunks(url, 30)).toBe(413);
    expect(received).toEqual([]);
  });

  it("of a body that drips in comes after the time for it", async () => {
    const { port } = await world({ limits: { bodyTimeoutMs: 50, lingerMs: 50 } });
    expect(await raw(port, `${head({ "content-length": "100" })}{`)).toMatch(/^HTTP\/1\.1 408 /);
  });

  it("of one body too many at once asks to come again", async () => {
    const { port, url, received } = await world({ limits: { bodies: 1 } });
    const slow = connect(port, "127.0.0.1", () => slow.write(`${head({ "content-length": "100" })}{`));
    await expect.poll(async () => (await post(url, BODY, GOOD)).status, PATIENT).toBe(503);
    slow.destroy();
    await expect.poll(async () => (await post(url, BODY, GOOD)).status, PATIENT).toBe(202);
    expect(received.length).toBeGreaterThan(0);
  });

  it("of more bytes at once than there is room for asks to come again, and gives the room back", async () => {
    const { url } = await world({ limits: { bodiesBytes: 1_000 } });
    const large = JSON.stringify({ text: "x".repeat(2_000) });
    expect(await post(url, large, signed(large))).toMatchObject({ status: 503, retryAfter: "30" });
    expect((await post(url, BODY, GOOD)).status).toBe(202);
  });
});

describe("a queue that does not take it", () => {
  it.each([
    ["refuses", async () => Promise.reject(new Error("The queue is full."))],
    ["hangs", () => new Promise<void>(() => undefined)],
  ])("and %s: GitHub is asked to come again", async (_, receive) => {
    const front = await openFront(receive, { limits: { receiveTimeoutMs: 50 } });
    opened.push(front);
    expect(await post(front.url, BODY, GOOD)).toMatchObject({ status: 503, retryAfter: "30" });
    expect(front.logged.join("")).not.toMatch(/payload-marker|acme/);
  });

  it("at once is waited for by more webhooks than may be read at once", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let waiting = 0;
    const receive = () => {
      waiting += 1;
      return promise;
    };
    const front = await openFront(receive, { limits: { bodies: 1 } });
    opened.push(front);
    const answers: Promise<{ readonly status: number }>[] = [];
    for (const others of [0, 1, 2]) {
      answers.push(post(front.url, BODY, GOOD));
      await expect.poll(() => waiting, PATIENT).toBe(others + 1);
    }
    resolve();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([202, 202, 202]);
  });
});

describe("other requests", () => {
  it.each([
    ["GET", "/healthz", 200],
    ["HEAD", "/healthz", 200],
    ["GET", "/readyz", 200],
    ["POST", "/healthz", 405],
    ["GET", PATH, 405],
    ["PUT", `${PATH}?a=b`, 405],
    ["GET", "/", 404],
    ["POST", `${PATH}/`, 404],
    ["GET", "/probot/setup?code=1", 404],
  ])("%s %s: %i", async (method, path, status) => {
    const { url } = await world();
    expect((await fetch(`${url}${path}`, { method })).status).toBe(status);
  });

  it("are told why the program is not ready", async () => {
    const { url } = await world({ options: { unready: () => "Redis does not answer." } });
    const answer = await fetch(`${url}/readyz`);
    expect([answer.status, answer.headers.get("retry-after"), await answer.text()]).toEqual([
      503,
      "30",
      "Redis does not answer.\n",
    ]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it("that are no HTTP do not harm", async () => {
    const { port, url } = await world();
    expect(await raw(port, "\u0016\u0003\u0001\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});

describe("refusals in the log", () => {
  it("are one line a second at most", async () => {
    const { url, logged } = await world();
    const began = Date.now();
    for (let i = 0; i < 20; i += 1) await post(url, BODY, without("x-hub-signature-256"));
    const seconds = (Date.now() - began) / 1_000;
    expect(logged.length).toBeGreaterThan(0);
    expect(logged.length).toBeLessThanOrEqual(1 + Math.floor(seconds));
  });
});

describe("closing", () => {
  it("lets an answer under way finish, and takes no more", async () => {
    const release = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const front = await openFront(() => {
      entered.resolve();
      return release.promise;
    });
    const answer = post(front.url, BODY, GOOD);
    await entered.promise;
    const closing = front.close();
    await expect(fetch(`${front.url}/healthz`)).rejects.toThrow("fetch failed");
    release.resolve();
    expect((await answer).status).toBe(202);
    await closing;
  });
});
