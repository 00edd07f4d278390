import type { Fleet, ImageInUse, Naming, Place, Service, ServiceTarget, Source, Unplaced } from "./model.ts";

const SOURCES: Readonly<Record<Source, string>> = {
  kustomization: "kustomization",
  flux: "Flux",
  "argo-cd": "Argo CD",
  chart: "chart",
  manifests: "manifests",
  compose: "compose",
  pattern: "configuration",
};

const NAMINGS: Readonly<Record<Naming, string>> = {
  configuration: "named by configuration",
  reference: "named by what delivers it",
  siblings: "named by its siblings",
  folder: "named by its folder",
  name: "named by a usual name",
  only: "the only one",
};

/** Foreign text on one line of a terminal: what steers terminals or turns text around is shown by its code. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** The same, cut where it is long. */
export function shown(text: string): string {
  const clean = printable(text);
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST - 1)}…` : clean;
}

const LONGEST = 200;
const HEAD = ["SERVICE", "NAMESPACE", "TARGET", "IMAGE", "VERSION", "SET IN", "FOUND BY"] as const;
const MOST_IMAGES = 4;

/** A table of services, a row for each image of each target. */
export function servicesTable(services: readonly Service[]): string {
  return columns([HEAD, ...services.flatMap(rowsOf)]);
}

function rowsOf({ name, namespace, home, targets }: Service): readonly (readonly string[])[] {
  return targets.flatMap((target, index) => {
    const first = index === 0 ? name : "";
    const space = target.namespace ?? namespace ?? "-";
    const [image, ...more] = imageRows(target.images);
    const why = `${SOURCES[target.why.source]} ${target.why.files[0] ?? home}, ${NAMINGS[target.why.naming]}`;
    return [
      [first, space, target.name, ...(image ?? ["-", "-", "-"]), why],
      ...more.map((row) => ["", "", "", ...row, ""]),
    ];
  });
}

function imageRows(images: readonly ImageInUse[]): readonly (readonly string[])[] {
  const rows = images
    .slice(0, MOST_IMAGES)
    .map(({ image, version, set }) => [image ?? "?", short(version), placeText(set)]);
  const left = images.length - rows.length;
  return left > 0 ? [...rows, [`and ${left} more`, "", ""]] : rows;
}

/** A version on a line: a digest's first digits tell two apart. */
export function short(version: string | undefined): string {
  return version?.replace(/(sha(?:256|512):[0-9a-f]{12})[0-9a-f]+/, "$1…") ?? "not said";
}

function placeText({ path, line }: Place): string {
  return `${path}:${line}`;
}

/** Rows of foreign text in columns as wide as they need to be; the first row tells how many there are. */
export function columns(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(shown));
  const widths = (cells[0] ?? []).map((_, index) =>
    cells.reduce((most, row) => Math.max(most, row[index]?.length ?? 0), 0),
  );
  return cells
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** What could not be placed, and the lines of configuration that would place it. */
export function unplacedText(unplaced: readonly Unplaced[]): string {
  const told = unplaced.map(
    ({ path, line, found, why }) => `  ${shown(path)}:${line}: found ${shown(found)}; ${shown(why)}.`,
  );
  const lines = [...new Set(unplaced.flatMap(({ write }) => write))];
  const words =
    lines.length === 0
      ? []
      : [
          "",
          "In .github/tidegate.yml this would place them (names are guesses):",
          "",
          "  targets:",
          ...lines.map((line) => `    ${shown(line)}`),
        ];
  return [...told, ...words].join("\n");
}

/** How much was found, in a line. */
export function summaryText({ services, unplaced }: Fleet): string {
  const members = services.reduce((sum, { targets }) => sum + targets.length, 0);
  const names = new Set(services.flatMap(({ targets }) => targets.map(({ name }) => name)));
  return `${counted(services.length, "service")} in ${counted(names.size, "target")} (${members} together), ${unplaced.length} not placed.`;
}

/** "1 service", "2 services". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** The fleet with the targets of one name only. */
export function inTarget({ services, unplaced }: Fleet, target: string): Fleet {
  const some = services.flatMap((service) => {
    const targets: readonly ServiceTarget[] = service.targets.filter(({ name }) => name === target);
    return targets.length === 0 ? [] : [{ ...service, targets }];
  });
  return { services: some, unplaced };
}
