/** A piece of text in a template: as it is, or the name of what takes its place. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "reference"; readonly name: string };

const MARK = /\$(?<literal>\$\{)|\$\{(?<name>[^{}]*)\}|\$\{/g;

/** The pieces of a text; undefined where a `${` is not closed. `$${` is a literal `${`. */
export function piecesOf(text: string): readonly Piece[] | undefined {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(MARK)) {
    const { literal, name } = match.groups ?? {};
    if (literal === undefined && name === undefined) return undefined;
    pieces.push({ kind: "text", text: text.slice(from, match.index) + (literal ?? "") });
    if (name !== undefined) pieces.push({ kind: "reference", name });
    from = match.index + match[0].length;
  }
  pieces.push({ kind: "text", text: text.slice(from) });
  return pieces.filter((piece) => piece.kind === "reference" || piece.text !== "");
}

/** The facts that are mappings. */
export const MAPPINGS = ["selectors.stable", "selectors.canary"] as const;

/** What a template may refer to besides its parameters. */
export const FACTS = [
  "service",
  "namespace",
  "target",
  "port.number",
  "port.name",
  "services.stable",
  "services.canary",
  "workloads.stable",
  "workloads.canary",
  ...MAPPINGS,
  "replicas",
  "route",
] as const;

export type FactName = (typeof FACTS)[number];
