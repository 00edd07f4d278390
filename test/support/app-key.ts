import { createSign, generateKeyPairSync } from "node:crypto";

export type AppKey = { readonly privateKey: string; readonly publicKey: string };

/** A fresh RSA key of an App, both halves as PEM. */
export function createAppKey(): AppKey {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return { privateKey, publicKey };
}

export type Claims = { readonly iss: string | number; readonly iat: number; readonly exp: number };

/** A JSON Web Token by RS256 over any claims (times in seconds). */
export function signJwt({ privateKey }: AppKey, claims: Claims): string {
  const text = [{ alg: "RS256", typ: "JWT" }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${text}.${createSign("RSA-SHA256").update(text).sign(privateKey, "base64url")}`;
}
