import { look, lookText, type YamlPath } from "../../yaml/look.ts";
import type { Source } from "../../yaml/source.ts";
import type { Draft } from "../edit.ts";
import { saying } from "../intent.ts";
import type { Resource } from "../resource.ts";
import { set } from "../scalar.ts";
import { isOwn } from "./asking.ts";

/** Testers as a canary Ingress knows them: by a pattern for a header of theirs, at work or not. */
export type Tested = { readonly key: string; readonly pattern: string; readonly isOn: boolean };

const ANNOTATIONS: YamlPath = ["metadata", "annotations"];

/**
 * A pattern with a switch: `^^yes$` is `^yes$`, and `.^yes$` is met by nothing, for nothing stands before a beginning. A way around these two, by a quantifier or
 * by another alternative, is none of such a pattern.
 */
const SWITCHED = /^[.^]\^(?![*+?{])(?:[^|]*|\([^()]*\)\$)$/;

/**
 * Whom a canary Ingress sends to the canary by `canary-by-header-pattern`, where that has a switch; undefined where it knows no testers. The controller asks for the header
 * before it asks for the weight, so that a header without a pattern, or with a value, or a cookie, chooses the arm at any weight; and an Ingress that
 * is no `canary` any more would be read as one of stable's.
 */
export function testedBy(source: Source, { tree }: Resource, prefix: string): Tested | undefined {
  const [header, value, pattern = ""] = ["", "-value", "-pattern"].map((part) =>
    lookText(source, tree, [...ANNOTATIONS, `${prefix}/canary-by-header${part}`]),
  );
  if (!isOwn(header) || value !== undefined || !SWITCHED.test(pattern)) return undefined;
  return { key: `${prefix}/canary-by-header-pattern`, pattern, isOn: pattern.startsWith("^") };
}

/** The draft with the pattern at work, or not: one character is another, and all else stays as it is spelled. */
export function switched(source: Source, draft: Draft, { document, tree }: Resource, to: Tested): Draft {
  const path = [...ANNOTATIONS, to.key];
  const sign = to.isOn ? "^" : ".";
  const value = `${sign}${to.pattern.slice(1)}`;
  const node = look(source, tree, path);
  const start = (node?.start ?? 0) + (node?.kind === "scalar" && node.style !== "plain" ? 1 : 0);
  if (source.text[start] !== to.pattern[0]) return set(source, draft, { document, path, value });
  const intent = { kind: "value", path: [document, ...path], says: saying(value) } as const;
  return { splices: [...draft.splices, { start, end: start + 1, text: sign }], intents: [...draft.intents, intent] };
}
