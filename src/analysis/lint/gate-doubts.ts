import type { AnalysisSettings } from "../../core/gate/analysis.ts";
import type { TextFile } from "../../yaml/refusal.ts";
import { isPath } from "../gate.ts";
import { readTemplates, type Template } from "../template/template.ts";
import type { Finding } from "./finding.ts";
import { lint } from "./lint.ts";

/** What the linter finds dangerous about a gate's template, and about those that it is made of. */
export function dangersOf({ template: meant }: AnalysisSettings, files: readonly TextFile[]): readonly Finding[] {
  const read = files.filter(({ text }) => text.includes("AnalysisTemplate")).map(readTemplates);
  const all = read.flatMap((one) => (one.kind === "ok" ? one.value : []));
  const roots = all.filter(({ name, spec }) => (isPath(meant) ? spec.file.path : name) === meant);
  return withParts(roots, all)
    .flatMap((one) => lint(one, all).findings)
    .filter(({ severity }) => severity === "danger");
}

function withParts(roots: readonly Template[], all: readonly Template[]): readonly Template[] {
  const found = new Set(roots);
  // A set is gone through to its end, what is added on the way too.
  for (const { templates } of found) {
    const parts = all.filter((one) =>
      templates.some((ref) => one.name === ref.name && one.isCluster === ref.isCluster),
    );
    for (const part of parts) found.add(part);
  }
  return [...found];
}
