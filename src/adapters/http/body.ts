import type { IncomingMessage } from "node:http";
import type { Deadline } from "./deadlines.ts";

export type Body =
  | { readonly kind: "read"; readonly bytes: Buffer }
  | { readonly kind: "tooLarge" | "tooSlow" | "noRoom" | "gone" };

/** Bytes of all bodies that are being read now, and how many there may be. */
export type Pool = { used: number; readonly size: number };

export type BodyBounds = {
  readonly maxBytes: number;
  readonly deadline: Deadline;
  readonly pool: Pool;
  readonly onChunk: (chunk: Buffer) => void;
};

/** Reads a request's body and stops at the first bound it meets: nothing is kept beyond it, and the rest stays unread. Never rejects. */
export function readBody(request: IncomingMessage, bounds: BodyBounds): Promise<Body> {
  if (Number(request.headers["content-length"] ?? 0) > bounds.maxBytes) return Promise.resolve({ kind: "tooLarge" });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let isOver = false;
    const finish = (body: Body): void => {
      isOver = true;
      callOff();
      bounds.pool.used -= length;
      resolve(body);
    };
    const stop = (kind: Exclude<Body["kind"], "read">): void => {
      request.off("data", take).off("end", end).pause();
      finish({ kind });
    };
    const take = (chunk: Buffer): void => {
      length += chunk.length;
      bounds.pool.used += chunk.length;
      if (length > bounds.maxBytes) return stop("tooLarge");
      if (bounds.pool.used > bounds.pool.size) return stop("noRoom");
      bounds.onChunk(chunk);
      chunks.push(chunk);
    };
    const end = (): void => finish({ kind: "read", bytes: joined(chunks) });
    // Every request closes: to take the listener off would cost more than to hear it.
    const gone = (): void => {
      if (!isOver) stop("gone");
    };
    const callOff = bounds.deadline(() => stop("tooSlow"));
    request.on("data", take).on("end", end).on("close", gone);
  });
}

// Most webhooks come in one piece, which need not be copied.
function joined(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
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
