import { createHmac } from "node:crypto";
import { connect } from "node:net";
import { INGRESS_LIMITS, ingress } from "../../../src/adapters/http/ingress.ts";
import type { IngressLimits, IngressOptions } from "../../../src/adapters/http/ingress.ts";
import { webhookSecret } from "../../../src/adapters/http/secret.ts";
import { jsonLogger, logTo } from "../../../src/adapters/log.ts";
import { READS } from "../../../src/server/app.ts";

export const SECRET = webhookSecret("5d41402abc4b2a76b9719d911017c592-0");
export const NEXT_SECRET = webhookSecret("7d793037a0760186574b0282f2f435e7-1");
export const PATH = "/api/github/webhooks";

export type Changes = { readonly options?: Partial<IngressOptions>; readonly limits?: Partial<IngressLimits> };

/** A front on a free port of the loopback, and what it logged. */
export async function openFront(receive: IngressOptions["receive"], { options, limits }: Changes = {}) {
  const logged: string[] = [];
  const logger = jsonLogger("debug", (line) => void logged.push(line));
  const front = ingress({
    path: PATH,
    secrets: [SECRET],
    reads: READS,
    receive,
    unready: () => undefined,
    log: logTo(logger),
    limits: { ...INGRESS_LIMITS, ...limits },
    ...options,
  });
  const port = await front.listen(0, "127.0.0.1");
  return { url: `http://127.0.0.1:${port}`, port, logged, logger, close: () => front.close(2_000) };
}

export function signed(body: string | Uint8Array, secret: string = SECRET): Record<string, string> {
  return {
    "content-type": "application/json",
    "x-github-event": "push",
    "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
  };
}

/** Posts a webhook; the status and the first line of the answer. */
export async function post(url: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>) {
  const response = await fetch(`${url}${PATH}`, { method: "POST", body, headers });
  return {
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
    text: (await response.text()).trim(),
  };
}

/** Writes bytes to the port as they are, and gives what comes back until the connection is closed. */
export function raw(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(request));
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => (answer += text));
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}
