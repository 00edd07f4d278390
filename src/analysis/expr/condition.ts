import { err, ok, type Result } from "../../core/result.ts";
import { compilePattern } from "../pattern/pattern.ts";
import { childrenOf, type Node } from "./ast.ts";
import { check } from "./check.ts";
import { NIL, natureOf } from "./nature.ts";
import { optimized } from "./optimize.ts";
import { parse } from "./parser.ts";
import { run } from "./run.ts";
import { Stopped, unsupported, type Trouble } from "./trouble.ts";
import { typeOf, typeText, type Value } from "./value.ts";

/** An expression that is understood; whether its types fit is known with the result only. */
export type Condition = { readonly text: string; readonly tree: Node };

const LONGEST = 16 * 1024;

/** Reads a condition as Argo does (expr-lang/expr v1.17.8); what cannot be promised to mean the same is refused here, by name. */
export function readCondition(text: string): Result<Condition, Trouble> {
  return attempt(() => {
    if (text.length > LONGEST) unsupported(`a condition of more than ${LONGEST} characters is not supported`);
    const tree = parse(text);
    refusePatterns(tree);
    refuseConstants(tree);
    return { text, tree };
  });
}

/** Whether the condition holds for a result, or why that cannot be said. The types are checked against the result's own first. */
export function holds({ tree }: Condition, result: Value): Result<boolean, Trouble> {
  const type = typeOf(result);
  return attempt(() => {
    const checked = check(tree, type === undefined ? NIL : natureOf(type));
    const value = run(withoutTwoZeros(optimized(checked)), result);
    if (typeof value === "boolean") return value;
    throw new Stopped({ kind: "value", at: 0, message: `it gives ${typeText(value)} where true or false is wanted` });
  });
}

/** Argo's compiler keeps one constant for 0.0 and -0.0, whichever comes first; where both are written, that is refused. */
function withoutTwoZeros(tree: Node): Node {
  const zeros = floatsIn(tree).filter((value) => value === 0);
  const hasBoth = zeros.some((value) => Object.is(value, -0)) && zeros.some((value) => Object.is(value, 0));
  return hasBoth ? unsupported("0.0 and -0.0 in one condition are not supported") : tree;
}

function floatsIn(node: Node): readonly number[] {
  const becomes = node.kind === "builtin" && node.becomes !== undefined ? [node.becomes] : [];
  const below = [...childrenOf(node), ...becomes].flatMap(floatsIn);
  return node.kind === "float" ? [node.value, ...below] : below;
}

function attempt<Found>(work: () => Found): Result<Found, Trouble> {
  try {
    return ok(work());
  } catch (error) {
    if (error instanceof Stopped) return err(error.trouble);
    throw error;
  }
}

/** Patterns that are written out are read at once. */
function refusePatterns(node: Node): void {
  if (node.kind === "binary" && node.op === "matches" && node.right.kind === "string") {
    const pattern = compilePattern(node.right.value);
    if (pattern.kind === "err" && pattern.error.kind === "unsupported")
      unsupported(pattern.error.message, node.right.at);
  }
  for (const child of childrenOf(node)) refusePatterns(child);
}

/** What is computed from nothing but literals is computed at once, to see whether it can be. */
function refuseConstants(tree: Node): void {
  const folded = attempt(() => withoutTwoZeros(optimized(tree)));
  if (folded.kind === "err" && folded.error.kind === "unsupported") throw new Stopped(folded.error);
}
