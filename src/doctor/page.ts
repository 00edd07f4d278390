import { CATALOGUE } from "./catalogue.ts";
import { AREAS, type Entry } from "./entry.ts";

/** Every finding by area, as the tables of docs/doctor.md. */
export function findingTables(): string {
  const entries: readonly (readonly [string, Entry])[] = Object.entries(CATALOGUE);
  return AREAS.map((area) => {
    const rows = entries.flatMap(([id, entry]) => (entry.area === area ? [rowOf(id, entry)] : []));
    return [`## ${area}`, "", "| id | severity | what it means | fix |", "| :-- | :-- | :-- | :-- |", ...rows].join(
      "\n",
    );
  }).join("\n\n");
}

function rowOf(id: string, { severity, means, fix = "" }: Entry): string {
  return `| \`${id}\` | ${severity} | ${cell(means)} | ${cell(fix)} |`;
}

function cell(words: string): string {
  return words.replaceAll("*", "\\*").replaceAll("|", "\\|");
}
