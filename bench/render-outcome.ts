import { refusalText, type Refusal } from "../src/yaml/refusal.ts";

/** What became of one Deployment of an overlay or a chart, or of all of it. */
export type Outcome =
  /** The tool does not render it as it is. */
  | { readonly kind: "unrendered"; readonly path: string; readonly reason: string }
  /** It renders, and there is nothing in it to opt in. */
  | { readonly kind: "without"; readonly path: string; readonly reason: string }
  | ({ readonly path: string; readonly service: string } & Proved);

/** What was proved of one Deployment; reasons have nothing particular in them, so that they can be counted. */
export type Proved =
  | { readonly kind: "intended" }
  /** It cannot be opted in, and that is said before anything is written. */
  | { readonly kind: "refused"; readonly reason: string }
  /** Something differs that should not, or does not that should. */
  | { readonly kind: "different"; readonly reason: string };

/** Something differs that should not, or does not that should. */
export class Different extends Error {
  override readonly name = "Different";
}

/** The opt-in is refused. */
export class NotOptedIn extends Error {
  override readonly name = "NotOptedIn";
}

/** What the steps of one Deployment prove. */
export async function proved(steps: () => Promise<void>): Promise<Proved> {
  try {
    await steps();
    return { kind: "intended" };
  } catch (error) {
    if (error instanceof NotOptedIn) return { kind: "refused", reason: error.message };
    if (error instanceof Different) return { kind: "different", reason: error.message };
    throw error;
  }
}

export function reasonOf(refusal: Refusal): string {
  return refusalText({ ...refusal, path: "", line: 0 })
    .replace(/^:0: /, "")
    .replaceAll(/"[^"]*"+/g, '"…"');
}

/** The first of several, without what is particular to one object. */
export function generally([first = ""]: readonly string[]): string {
  return first.replaceAll(/\d+/g, "#").slice(0, 160);
}
