import { peek, peekText } from "../yaml/look.ts";
import { attempt, lineAt, type TextFile } from "../yaml/refusal.ts";
import { readSource } from "../yaml/source.ts";
import type { Entry } from "../yaml/tree.ts";

/** A label that tells a mesh the version of pods, at a line (from 1). */
export type VersionLabel = { readonly line: number; readonly key: string; readonly value: string };

// In the order in which Istio prefers them (its canonical revision).
const KEYS = ["service.istio.io/canonical-revision", "app.kubernetes.io/version", "version"];

/** The labels by which meshes tell the version of the pods of a file's workloads; none where the file cannot be read. */
export function versionLabelsIn(file: TextFile): readonly VersionLabel[] {
  const source = attempt(() => readSource(file));
  if (source.kind === "err") return [];
  return source.value.documents.flatMap((tree) => {
    const labels = peek(tree, ["spec", "template", "metadata", "labels"]);
    if (labels?.kind !== "map") return [];
    const [entry] = KEYS.flatMap((key) => labels.entries.filter((one: Entry) => one.key === key));
    const value = entry && peekText(entry.value, []);
    return entry === undefined || value === undefined
      ? []
      : [{ line: lineAt(file.text, entry.start), key: entry.key, value }];
  });
}
