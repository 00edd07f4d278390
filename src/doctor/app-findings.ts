import type { Posted } from "../core/report.ts";
import type { AppFacts, Grant, InstallationFacts } from "../ports/checkup.ts";
import { DEPLOYMENTS, EVENTS, MEMBERS, NEEDED, STATUSES, type Permission } from "./asked.ts";
import { finding, notLookedAt, type Finding } from "./finding.ts";
import type { AppReport } from "./report.ts";

const LEVELS: readonly string[] = ["read", "write", "admin"];

type Need = Pick<Permission, "permission" | "level" | "name">;

const REPORTS: Readonly<Record<Posted["kind"], Need>> = {
  status: { ...STATUSES, level: "read" },
  deployment: DEPLOYMENTS,
};

/** Permissions and events that the App asks for. */
export function appFindings({ app }: Pick<AppReport, "app">, about: string): readonly Finding[] {
  if (app.kind === "unavailable") return [finding("app-refused", { about, found: app.reason })];
  const { value } = app;
  const at = value.settings;
  const missing = NEEDED.filter((need) => !grants(value, need));
  const events = EVENTS.filter((event) => !value.events.includes(event));
  return [
    finding("app-signed-in", { about, found: `${value.slug} (App ${value.id}) is signed in.` }),
    ...(missing.length === 0
      ? [finding("permissions-asked", { about, found: `${NEEDED.map(levelText).join(", ")}.` })]
      : missing.map((need) => finding("permission-missing", { about, at, found: missingText(value, need) }))),
    ...(grants(value, STATUSES)
      ? []
      : [finding("statuses-missing", { about, at, found: missingText(value, STATUSES) })]),
    ...unneeded(value).map((permission) =>
      finding("permission-unneeded", {
        about,
        at,
        found: `The App asks for ${permission}: ${levelOf(value, permission)}.`,
      }),
    ),
    ...(events.length === 0
      ? [finding("events-subscribed", { about, found: `Subscribed to ${EVENTS.join(", ")}.` })]
      : events.map((event) =>
          finding("event-missing", { about, at, found: `The App does not subscribe to ${event}.` }),
        )),
  ];
}

/** What an installation has not granted of what the App asks for; `app` unavailable: it is compared with what is needed. */
export function installationFindings(
  { suspended, account, page, ...granted }: InstallationFacts,
  app: AppReport["app"],
): readonly Finding[] {
  const about = account;
  if (suspended)
    return [
      finding("installation-suspended", { about, at: page, found: `The installation on ${account} is suspended.` }),
    ];
  const asked: Grant = app.kind === "read" ? app.value : granted;
  const refused = [...NEEDED, STATUSES, MEMBERS, REPORTS.deployment].filter(
    (need) => grants(asked, need) && !grants(granted, need),
  );
  const events = EVENTS.filter((event) => asked.events.includes(event) && !granted.events.includes(event));
  if (refused.length === 0 && events.length === 0)
    return [finding("installation-granted", { about, found: `${account} has granted what the App asks for.` })];
  return [
    ...refused.map((need) =>
      finding("permission-not-accepted", {
        about,
        at: page,
        found: `${account} grants ${need.name}: ${levelOf(granted, need.permission)}; the App asks for ${levelOf(asked, need.permission)}.`,
      }),
    ),
    ...events.map((event) =>
      finding("event-not-accepted", {
        about,
        at: page,
        found: `The installation on ${account} does not send ${event}.`,
      }),
    ),
  ];
}

/** Teams that may command are seen only with the members of the organisation. */
export function teamFindings(app: AppReport["app"], about: string, teams: readonly string[]): readonly Finding[] {
  if (teams.length === 0) return [];
  if (app.kind === "unavailable") return [notLookedAt("App", about, app.reason)];
  if (grants(app.value, MEMBERS)) return [];
  return [
    finding("members-missing", { about, at: app.value.settings, found: `Configuration names ${teams.join(", ")}.` }),
  ];
}

/** What the tools that deliver report is read only where it is configured, and needs a permission only there. */
export function reportFindings(
  app: AppReport["app"],
  about: string,
  kinds: readonly Posted["kind"][],
): readonly Finding[] {
  if (kinds.length === 0) return [];
  if (app.kind === "unavailable") return [notLookedAt("App", about, app.reason)];
  const { value } = app;
  const missing = kinds.map((kind) => REPORTS[kind]).filter((need) => !grants(value, need));
  return missing.map((need) =>
    finding("reports-unreadable", { about, at: value.settings, found: missingText(value, need) }),
  );
}

// Reading a little more than is needed harms nobody; these change what guards the repository, or run code in it.
const TELLING: readonly string[] = [
  "actions",
  "administration",
  "environments",
  "members",
  "organization_administration",
  "secrets",
  "workflows",
];

function unneeded({ permissions }: AppFacts): readonly string[] {
  return TELLING.filter((permission) => rank(permissions[permission]) >= rank("write"));
}

function grants({ permissions }: Grant, { permission, level }: Need): boolean {
  return rank(permissions[permission]) >= rank(level);
}

function rank(level: string | undefined): number {
  return level === undefined ? -1 : LEVELS.indexOf(level);
}

function levelOf({ permissions }: Grant, permission: string): string {
  return permissions[permission] ?? "no access";
}

function levelText({ name, level }: Need): string {
  return `${name}: ${level}`;
}

function missingText(grant: Grant, need: Need): string {
  return `The App asks for ${need.name}: ${levelOf(grant, need.permission)}; ${need.level} is needed.`;
}
