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
