export type TokenKind = "identifier" | "number" | "string" | "bytes" | "operator" | "bracket" | "end";

/** A word of an expression; `at` is its column from 1. Strings hold bytes (bytes.ts). */
export type Token = { readonly kind: TokenKind; readonly value: string; readonly at: number };

/** How a token is called in a message. */
export function tokenText({ kind, value }: Token): string {
  return kind === "end" ? "the end" : value;
}
