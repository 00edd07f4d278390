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
import { problemAt, type OurFile, type Problem } from "../config/document.ts";
import { extendsOf, parseHeld, type Extended } from "../config/extended.ts";
import { resolve } from "../config/resolve.ts";
import { parseSharedFile, type Shared } from "../config/shared-config.ts";
import { hostsIn, type WrittenHost } from "../config/written-hosts.ts";
import { deliveredIn } from "./delivered.ts";
import { shown } from "../manifest/services/table.ts";
import type { Operator } from "../reconcile/providers.ts";
import { libraryIn } from "./templates.ts";
import type { TextFile } from "../yaml/refusal.ts";

/** A remark with the line of text that it is about, "" where there is none. */
export type Checked = Remark & { readonly found: string };

/** What a configuration is held against: a checkout, what this machine's environment lets it reach, and what it extends, where that is known. */
export type Surroundings = {
  readonly checkout: Checkout;
  readonly operator: Operator;
  readonly shared?: Shared | undefined;
};

/** All that can be said of a configuration without a network, by file and line; problems that keep it from being read stand alone. */
export function checkConfig(file: TextFile, surroundings: Surroundings): readonly Checked[] {
  const { checkout, shared } = surroundings;
  const known = new Map([file, ...(shared === undefined ? [] : [shared.file])].map(({ path, text }) => [path, text]));
  const linesOf = (path: string) => (known.get(path) ?? checkout.text(path) ?? "").split("\n");
  return [...remarksOf(file, surroundings), ...problems(libraryIn(surroundings.checkout).problems)]
    .map((one) => ({ ...one, found: (linesOf(one.path)[one.line - 1] ?? "").trim() }))
    .toSorted((a, b) => byPlace(file.path, a, b));
}

/** What is wrong with a shared configuration by itself; what it does to repositories is seen in theirs. */
export function checkShared(file: TextFile): readonly Checked[] {
  const shared = parseSharedFile("", file);
  const lines = file.text.split("\n");
  return problems(shared.kind === "err" ? shared.error : []).map((one) => {
    return { ...one, found: (lines[one.line - 1] ?? "").trim() };
  });
}

function remarksOf(file: TextFile, surroundings: Surroundings): readonly Remark[] {
  const held = parseHeld(file, surroundings.shared);
  if (held.kind === "ok") {
    const { written, loosened } = held.value;
    return [...problems(loosened), ...remarksOn(written, surroundings)];
  }
  const isUnread = surroundings.shared === undefined && extendsOf(file) !== undefined;
  return [...problems(held.error), ...notes(isUnread ? [{ path: file.path, line: 1, message: UNREAD }] : [])];
}

const UNREAD = "is checked no further: --extends names a checkout of the repository that it extends.";

/** The file itself comes first. */
function byPlace(first: string, a: Problem, b: Problem): number {
  if (a.path === b.path) return a.line - b.line;
  if (a.path === first || b.path === first) return a.path === first ? -1 : 1;
  return a.path < b.path ? -1 : 1;
}

function remarksOn(written: Extended, { checkout, operator }: Surroundings): readonly Remark[] {
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
    ...warnings(strayPatterns(written, members, [...checkout.listing.keys()]).filter(({ path }) => path === file.path)),
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
