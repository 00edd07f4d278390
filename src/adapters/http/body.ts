import type { IncomingMessage } from "node:http";

export type Body =
  | { readonly kind: "read"; readonly bytes: Buffer }
  | { readonly kind: "tooLarge" | "tooSlow" | "noRoom" | "gone" };

/** Bytes of all bodies that are being read now, and how many there may be. */
export type Pool = { used: number; readonly size: number };

export type BodyBounds = {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly pool: Pool;
  readonly onChunk: (chunk: Buffer) => void;
};

/** Reads a request's body and stops at the first bound it meets: nothing is kept beyond it, and the rest stays unread. Never rejects. */
export function readBody(request: IncomingMessage, bounds: BodyBounds): Promise<Body> {
  if (Number(request.headers["content-length"] ?? 0) > bounds.maxBytes) return Promise.resolve({ kind: "tooLarge" });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const finish = (body: Body): void => {
      clearTimeout(timer);
      request.off("data", take).off("end", end).off("close", gone).pause();
      bounds.pool.used -= length;
      resolve(body);
    };
    const take = (chunk: Buffer): void => {
      length += chunk.length;
      bounds.pool.used += chunk.length;
      if (length > bounds.maxBytes) return finish({ kind: "tooLarge" });
      if (bounds.pool.used > bounds.pool.size) return finish({ kind: "noRoom" });
      bounds.onChunk(chunk);
      chunks.push(chunk);
    };
    const end = (): void => finish({ kind: "read", bytes: Buffer.concat(chunks) });
    const gone = (): void => finish({ kind: "gone" });
    const timer = setTimeout(() => finish({ kind: "tooSlow" }), bounds.timeoutMs);
    request.on("data", take).on("end", end).on("close", gone);
  });
}

/** Lets a client that is still sending finish for a moment, so that it can read the answer; what it sends is thrown away. */
export function discard(request: IncomingMessage, lingerMs: number): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, lingerMs);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    request.once("end", done).once("close", done).resume();
  });
}
