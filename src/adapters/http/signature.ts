import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import type { WebhookSecret } from "./secret.ts";

/** Computes a body's signature while it streams in. */
export type SignatureCheck = {
  readonly update: (chunk: Uint8Array) => void;
  /** Whether one of the secrets gives the signature, `sha256=` and 64 hexadecimal digits in lower case; may be asked once. */
  readonly matches: (signature: string) => boolean;
};

/** HMAC-SHA256 over the raw bytes, under every secret that is valid now (two while one is being replaced); begins a check for each body. */
export function signatureChecks(secrets: readonly WebhookSecret[]): () => SignatureCheck {
  const keys = secrets.map((secret) => createSecretKey(secret, "utf8"));
  return () => {
    const macs = keys.map((key) => createHmac("sha256", key));
    return {
      update: (chunk) => {
        for (const mac of macs) mac.update(chunk);
      },
      matches: (signature) => {
        const given = Buffer.from(signature.slice(PREFIX.length), "latin1");
        let isOne = false;
        // Every secret is compared, so that the time tells nothing about which one it was.
        for (const mac of macs) {
          const own = Buffer.from(mac.digest("hex"), "latin1");
          if (own.length === given.length && timingSafeEqual(own, given)) isOne = true;
        }
        return isOne;
      },
    };
  };
}

const PREFIX = "sha256=";
