import type { LiveOfKind } from "./live-kinds.ts";
import type { Addresses, DemoEvent, Summary } from "./demo-run.ts";

/** Where a demo's events are shown. */
export type View = {
  readonly show: (event: DemoEvent) => void;
  readonly summarise: (summary: Summary) => void;
  readonly keep: (addresses: Addresses) => void;
  /** Gives the terminal back as it was. */
  readonly end: () => void;
};

type Write = (text: string) => void;

/** One JSON object a line; the bot's own log is left out of it. */
export function jsonView(write: Write): View {
  return {
    show: (event) => {
      if (event.kind !== "log") write(`${JSON.stringify(event)}\n`);
    },
    summarise: (summary) => write(`${JSON.stringify({ summary })}\n`),
    keep: () => undefined,
    end: () => undefined,
  };
}

/** One line an event, for logs and pipes. */
export function plainView(write: Write): View {
  return {
    show: (event) => {
      const line = lineOf(event);
      if (line !== undefined) write(`${clock(event.at)}  ${line}\n`);
    },
    summarise: (summary) => write(summaryText(summary, plain)),
    keep: (addresses) => write(keepText(addresses)),
    end: () => undefined,
  };
}

type Paint = { readonly green: Tint; readonly red: Tint; readonly dim: Tint; readonly bold: Tint };
type Tint = (text: string) => string;

const plain: Paint = { green: same, red: same, dim: same, bold: same };
const coloured: Paint = { green: tint(32), red: tint(31), dim: tint(2), bold: tint(1) };

function same(text: string): string {
  return text;
}

function tint(code: number): Tint {
  return (text) => `\u001B[${code}m${text}\u001B[0m`;
}

/** What is known of one service, for the table at the bottom. */
type Row = {
  /** What the cluster sends to the canary, by target; the highest is shown. */
  readonly weights: ReadonlyMap<string, number>;
  readonly image: string;
  readonly gate: string;
  readonly conclusion: string | null | undefined;
};

/** Events scroll by; under them stands a table of the releases under way that is drawn again. */
export function liveView(write: Write): View {
  const rows = new Map<string, Row>();
  let drawn = 0;
  const erase = () => {
    if (drawn > 0) write(`\u001B[${drawn}A\u001B[0J`);
    drawn = 0;
  };
  const draw = () => {
    const lines = [...rows].map(([service, row]) => rowText(service, row));
    if (lines.length === 0) return;
    const text = ["", ...lines, ""].join("\n");
    write(text);
    drawn = lines.length + 1;
  };
  return {
    show: (event) => {
      note(rows, event);
      const line =
        event.kind === "check" && event.name === "tidegate/gate" && event.conclusion === null
          ? undefined
          : lineOf(event);
      erase();
      if (line !== undefined) write(`${coloured.dim(clock(event.at))}  ${paintLine(event, line)}\n`);
      draw();
    },
    summarise: (summary) => {
      erase();
      rows.clear();
      write(summaryText(summary, coloured));
    },
    keep: (addresses) => write(keepText(addresses)),
    end: () => undefined,
  };
}

const NEW_ROW: Row = { weights: new Map(), image: "", gate: "", conclusion: undefined };

function note(rows: Map<string, Row>, event: DemoEvent): void {
  if (!("service" in event)) return;
  // A service has one row, in however many targets it runs.
  const [service = event.service] = event.service.split(" ");
  const known = rows.get(service) ?? NEW_ROW;
  if (event.kind === "bumpMerged") rows.set(service, { ...known, image: event.version });
  if (event.kind === "live" && rows.has(service))
    rows.set(service, { ...known, weights: new Map(known.weights).set(event.service, event.canaryWeight) });
  if (event.kind === "check" && event.name === "tidegate/gate")
    rows.set(service, { ...known, gate: event.title, conclusion: event.conclusion });
}

const BAR = 20;

function rowText(service: string, { weights, image, gate, conclusion }: Row): string {
  const weight = Math.max(0, ...weights.values());
  const filled = Math.round((weight / 100) * BAR);
  const bar = `${"█".repeat(filled)}${"░".repeat(BAR - filled)}`;
  const words = gate.length > 90 ? `${gate.slice(0, 89)}…` : gate;
  const paint = conclusion === "success" ? coloured.green : conclusion === "failure" ? coloured.red : same;
  return `  ${coloured.bold(service.padEnd(10))} ${image.padEnd(6)} ${bar} ${String(weight).padStart(3)}%  ${paint(words)}`;
}

function paintLine(event: DemoEvent, line: string): string {
  if (event.kind === "check" && event.conclusion === "failure") return coloured.red(line);
  if (event.kind === "check" && event.conclusion === "success") return coloured.green(line);
  if (event.kind === "live" || event.kind === "opened") return coloured.dim(line);
  return line;
}

function lineOf(event: DemoEvent): string | undefined {
  switch (event.kind) {
    case "started":
      return startedText(event);
    case "bump":
      return `#${event.pull} opened by renovate: ${event.service} ${event.version}, ${event.note}`;
    case "bumpMerged":
      return `#${event.pull} merged by renovate: ${event.service} ${event.version} is on main; no traffic has moved`;
    case "opened":
      return `#${event.pull} opened by Tidegate: ${event.title}`;
    case "check":
      return `#${event.pull} ${event.name} ${event.conclusion ?? "in progress"}: ${event.title}`;
    case "merged":
      return `#${event.pull} merged by Tidegate: ${event.title}`;
    case "live":
      return `the cluster sends ${event.canaryWeight}% of ${event.service} to the canary; stable runs ${event.stable.join(" and ")}`;
    case "log":
      return undefined;
    default:
      return undefined;
  }
}

function startedText({ pace, addresses, services }: Extract<DemoEvent, { readonly kind: "started" }>): string {
  return [
    `Tidegate looks after ${services} services in a GitOps repository of this sandbox.`,
    `       Pace, as .github/tidegate.yml sets it: windows of ${pace.window}, bake ${pace.bake}, deadline ${pace.deadline}, up to ${pace.mergesPerMinute} merges a minute`,
    `       (for production: windows of 30s, bake 10m, deadline 2h, 1 merge a minute).`,
    "       GitHub's limits are kept (80 pull requests and comments and 900 points a minute): what goes up waits for the next minute when they are used up, aborts do not.",
    `       GitHub      ${addresses.github}`,
    `       git         ${addresses.clone}`,
    `       Prometheus  ${addresses.prometheus}`,
    `       Tidegate    ${addresses.bot}`,
    "",
  ].join("\n");
}

function summaryText(
  { promoted, rolledBack, steps, commits, seconds, live, checks }: Summary,
  { green, red, bold }: Paint,
): string {
  const lines = checks.map(({ what, ok }) => `  ${ok ? green("✓") : red("✗")} ${what}`);
  const good = checks.filter(({ ok }) => ok).length;
  const verdict =
    good === checks.length
      ? green("The world is as it should be.")
      : red(`${checks.length - good} of ${checks.length} are not as they should be.`);
  return `\n${bold(`${promoted} promoted, ${rolledBack} rolled back, in ${steps} steps and ${commits} commits, ${seconds} seconds.`)}\nRead from git, GitHub and the cluster, from outside the bot:\n${lines.join("\n")}\n${liveText(live)}${verdict}\n`;
}

/** How far the shares in the cluster ever were from what git says, a row a kind. */
function liveText(live: readonly LiveOfKind[]): string {
  const cells = live.map(({ kind, canaries, shares, excess, dip }) => [
    kind,
    String(canaries),
    String(shares),
    points(excess),
    points(dip),
  ]);
  const rows = [["", "canaries", "live shares", "most above git", "deepest fall"], ...cells];
  const wide = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const text = rows.map((row) => {
    const padded = row.map((cell, at) => (at === 0 ? cell.padEnd(wide[at] ?? 0) : cell.padStart(wide[at] ?? 0)));
    return `  ${padded.join("  ")}`;
  });
  return `Live weights, by kind, measured at every change:\n${text.join("\n")}\n`;
}

function points(share: number): string {
  return `${Math.round(share * 10) / 10}%`;
}

function keepText({ github, clone, prometheus, bot, files, environment }: Addresses): string {
  const command = (words: string) => `node --env-file=${environment} bin/tidegate.js ${words}`;
  return `
Everything keeps running until Ctrl-C:
  GitHub      ${github}/pulls?state=all
  git         ${clone}
  Prometheus  ${prometheus}/api/v1/query?query=istio_requests_total
  Tidegate    ${bot}/healthz
  Files       ${files} (kept afterwards)
Ask it, from here:
  ${command("doctor acme/gitops")}
  ${command("why acme/gitops checkout")}
`;
}

function clock(at: number): string {
  const seconds = Math.floor(at / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}
