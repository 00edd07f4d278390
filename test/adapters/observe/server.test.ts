import { expect, it, onTestFinished } from "vitest";
import { adminServer, type AdminOptions } from "../../../src/adapters/observe/server.ts";

async function open(options: Partial<AdminOptions> = {}) {
  const lines: string[] = [];
  const server = adminServer({
    metrics: async () => ({ contentType: "text/plain; version=0.0.4", text: "up 1\n" }),
    unready: () => undefined,
    log: { info: () => undefined, warn: (message) => void lines.push(message) },
    ...options,
  });
  const url = `http://127.0.0.1:${await server.listen(0, "127.0.0.1")}`;
  onTestFinished(() => server.close(1_000));
  return { url, lines };
}

it.each([
  ["GET", "/metrics", 200, "up 1\n"],
  ["GET", "/metrics?name=up", 200, "up 1\n"],
  ["GET", "/healthz", 200, "ok\n"],
  ["GET", "/readyz", 200, "ready\n"],
  ["GET", "/", 404, "There is nothing here.\n"],
  ["GET", "/api/github/webhooks", 404, "There is nothing here.\n"],
  ["POST", "/metrics", 405, "Only GET, HEAD.\n"],
])("answers %s %s with %i", async (method, path, status, text) => {
  const { url } = await open();
  const answer = await fetch(`${url}${path}`, { method });
  expect([answer.status, await answer.text()]).toEqual([status, text]);
});

it("lives while it is not ready, and says why it is not", async () => {
  const { url } = await open({ unready: () => "Redis does not answer." });
  const answer = await fetch(`${url}/readyz`);
  expect([answer.status, await answer.text()]).toEqual([503, "Redis does not answer.\n"]);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

it("logs metrics that cannot be shown, and goes on", async () => {
  const { url, lines } = await open({ metrics: () => Promise.reject(new Error("a fault of ours")) });
  await expect(fetch(`${url}/metrics`)).rejects.toThrow("fetch failed");
  expect(lines).toEqual(["Metrics could not be shown."]);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});
