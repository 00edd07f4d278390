import type { Checkout } from "./checkout.ts";
import {
  absentSecrets,
  notes,
  problems,
  strayPatterns,
  templateRemarks,
  undecided,
  warnings,
  type Remark,
} from "./config-remarks.ts";
import { problemAt, type OurFile, type Problem } from "./config/document.ts";
import { parseRepoConfig, type WrittenConfig } from "./config/repo-config.ts";
import { resolve } from "./config/resolve.ts";
import { hostsIn, type WrittenHost } from "./config/written-hosts.ts";
import { deliveredIn } from "./delivered.ts";
import { shown } from "./manifest/services/table.ts";
import type { Operator } from "./reconcile/providers.ts";
import type { TextFile } from "./yaml/refusal.ts";

/** A remark with the line of text that it is about, "" where there is none. */
export type Checked = Remark & { readonly found: string };

/** What a configuration is held against: a checkout, and what this machine's environment lets it reach. */
export type Surroundings = { readonly checkout: Checkout; readonly operator: Operator };

/** All that can be said of a configuration without a network, by file and line; problems that keep it from being read stand alone. */
export function checkConfig(file: TextFile, { checkout, operator }: Surroundings): readonly Checked[] {
  const written = parseRepoConfig(file);
  const remarks = written.kind === "err" ? problems(written.error) : remarksOn(written.value, { checkout, operator });
  const linesOf = (path: string) => (path === file.path ? file.text : (checkout.text(path) ?? "")).split("\n");
  return remarks
    .map((one) => ({ ...one, found: (linesOf(one.path)[one.line - 1] ?? "").trim() }))
    .toSorted((a, b) => byPlace(file.path, a, b));
}

/** The file itself comes first. */
function byPlace(first: string, a: Problem, b: Problem): number {
  if (a.path === b.path) return a.line - b.line;
  if (a.path === first || b.path === first) return a.path === first ? -1 : 1;
  return a.path < b.path ? -1 : 1;
}

function remarksOn(written: WrittenConfig, { checkout, operator }: Surroundings): readonly Remark[] {
  const { file } = written;
  const { members, problems: ofStates } = deliveredIn(checkout, file);
  const named = operator.hosts.length > 0 ? [] : hostsIn(written, operator.forms);
  const settings = resolve(written, { ...operator, hosts: [...operator.hosts, ...named.map(({ origin }) => origin)] });
  const asked =
    settings.kind === "ok" && operator.hosts.length > 0 ? { settings: settings.value, operator, members } : undefined;
  const ofMeaning =
    settings.kind === "err"
      ? problems(settings.error)
      : [
          ...undecided(written, settings.value, members),
          ...notes(absentSecrets(file, settings.value.metrics, operator)),
        ];
  return [
    ...ofMeaning,
    ...templateRemarks(written, { checkout, asked }),
    ...problems(ofStates),
    ...warnings(strayPatterns(written, members, [...checkout.listing.keys()])),
    ...notes(named.map((host) => toAllow(file, host))),
    ...notes(members.length > 0 ? [] : [problemAt(file, [], NOTHING_DELIVERED)]),
  ];
}

const NOTHING_DELIVERED = "is held against no service: none is found in this checkout (tidegate services says why)";

function toAllow(file: OurFile, { at, origin }: WrittenHost): Problem {
  const host = origin.startsWith("https://") ? origin.slice("https://".length) : origin;
  return problemAt(
    file,
    at,
    `is asked at ${host}: METRICS_HOSTS, which is not set here, must allow it where Tidegate runs`,
  );
}

/** The remarks for people: a line each with what stands there under it, then what they come to. */
export function checkedText(path: string, checked: readonly Checked[]): string {
  const lines = checked.map(({ path: at, line, severity, message, found }) => {
    const under = found === "" ? "" : `\n    ${line} | ${shown(found)}`;
    return `${shown(at)}:${line}: ${severity}: ${shown(message)}${under}`;
  });
  const counts = (["problem", "warning", "note"] as const).flatMap((severity) => {
    const count = checked.filter((one) => one.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? "" : "s"}`];
  });
  const sum = counts.length === 0 ? "nothing to remark" : counts.join(", ");
  return `${[...lines, `${shown(path)}: ${sum}.`].join("\n")}\n`;
}
