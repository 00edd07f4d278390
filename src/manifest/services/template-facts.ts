import { attempt, type TextFile } from "../../yaml/refusal.ts";
import { readTemplate } from "../../yaml/template.ts";
import type { Facts } from "./facts.ts";
import { linesOf } from "./lines.ts";
import { objectFact } from "./objects.ts";

const MOST_KINDS = 100;

/** What a template of a chart says without being filled in: which kinds it makes, where it asks for the app's version, and the Applications of an app of apps. */
export function templateFacts(file: TextFile): Partial<Facts> {
  const { text } = file;
  const lines = linesOf(text);
  const makes = [...text.matchAll(/^kind:[ \t]*(\w+)/gm)].slice(0, MOST_KINDS);
  const asking = text.includes(".Chart.AppVersion")
    ? text.split("\n").filter((line) => line.includes(".Chart.AppVersion"))
    : [];
  return {
    text: asking.length === 0 ? undefined : asking.join("\n"),
    makes: makes.map(({ 1: kind = "", index }) => ({ kind, line: lines.at(index) })),
    objects: makes.some(({ 1: kind }) => kind === "Application" || kind === "ApplicationSet") ? applications(file) : [],
  };
}

// Lines that only steer the template are blanked, at equal length: what they enclose is read as if it were always there.
const STEERING = /^[ \t]*\{\{-?[ \t]*(?:if|else|end|range|with|define|block|\/\*)[^\n]*\}\}[ \t]*$/gm;

// What a template writes for another template: {{`{{ .path.basename }}`}}, {{ "{{" }}.
const ESCAPED = /\{\{-?\s*`([^`\n]*)`\s*-?\}\}|\{\{-?\s*"(\{\{|\}\})"\s*-?\}\}/g;

function applications(file: TextFile): Facts["objects"] {
  const text = file.text
    .replace(STEERING, (line) => " ".repeat(line.length))
    .replace(ESCAPED, (_, raw: string | undefined, brace: string | undefined) => raw ?? brace ?? "");
  const read = attempt(() => readTemplate({ path: file.path, text }));
  if (read.kind === "err") return [];
  const lines = linesOf(text);
  const objects = read.value.documents.flatMap((tree) => objectFact(file.path, tree, lines) ?? []);
  return objects.filter(({ holds }) => holds.kind === "argo-application" || holds.kind === "application-set");
}
