import { createServer, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../src/sandbox/port.ts";

function listening(port: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", () => resolve(server));
  });
}

const closed = (server: Server) => new Promise((resolve) => server.close(resolve));

describe("a free port", () => {
  let holder: Server;
  let taken: number;

  beforeEach(async () => {
    taken = await freePort();
    holder = await listening(taken);
  });
  afterEach(() => closed(holder));

  it("is none that the system gives to outgoing connections, and can be listened on again and again", async () => {
    const port = await freePort();
    expect(port).toBeGreaterThanOrEqual(20_000);
    expect(port).toBeLessThan(32_000);
    await closed(await listening(port));
    await closed(await listening(port));
  });

  it("is looked for until one is not taken", async () => {
    const free = await freePort();
    const candidates = [taken, taken, free].values();
    expect(await freePort(() => candidates.next().value ?? 0)).toBe(free);
  });

  it("is not looked for without end", async () => {
    await expect(freePort(() => taken)).rejects.toThrow("No port could be had");
  });
});
