import { readFileSync } from "node:fs";

/** The YAML that a page tells people to write. */
export function yamlIn(page: string): readonly string[] {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), "utf8");
  return [...text.matchAll(/```yaml\n(?<yaml>[^]*?)```/g)].map(({ groups }) => groups?.["yaml"] ?? "");
}

/** As a whole file, where the page shows a part. */
export function whole(yaml: string): string {
  return yaml.startsWith("version:") ? yaml : `version: 1\n${yaml}`;
}

/** The files that a page shows, by the path in back-ticks that its sentence before each ends with. */
export function filesIn(page: string): ReadonlyMap<string, string> {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), "utf8");
  const blocks = text.matchAll(/(?<before>[^]*?)```yaml\n(?<yaml>[^]*?)```/g);
  return new Map(
    [...blocks].map(({ groups }) => {
      const named = [...(groups?.["before"] ?? "").matchAll(/`(\.?[\w.-]+(?:\/[\w.-]+)+\.ya?ml)`/g)];
      return [named.at(-1)?.[1] ?? "", groups?.["yaml"] ?? ""] as const;
    }),
  );
}
