import { EXTRAS, NEEDED, STATUSES, SUBSCRIBED, type Extra, type Permission } from "../src/doctor/asked.ts";
import { GENERATED, table, type Page } from "./page.ts";

const ASKED = [...NEEDED, STATUSES];

/** The App's manifest in the form that Probot reads: what it asks for, and for which feature. */
export function appManifest(): Page {
  const lines = [
    "# The GitHub App that Tidegate runs as. Written by `npm run docs`; edits are overwritten.",
    "# `tidegate setup` registers an App of this form in a browser; docs/install.md says how to do it by hand.",
    "name: tidegate",
    "description: Delivers releases progressively, through git alone.",
    "url: https://tidegate.example.com",
    "public: false",
    "hook_attributes:",
    "  url: https://tidegate.example.com/api/github/webhooks",
    "  active: true",
    "default_permissions:",
    ...ASKED.flatMap((permission) => [`  # ${plain(permission.why)}`, `  ${lineOf(permission)}`]),
    "  # Only where it is wanted:",
    ...EXTRAS.map(({ permission }) => `  # ${lineOf(permission)} # ${plain(permission.why)}`),
    "# Each event only saves time: a sweep finds what none told of.",
    "default_events:",
    ...SUBSCRIBED.flatMap(({ event, why }) => [`  # ${why}`, `  - ${event}`]),
    ...EXTRAS.flatMap(({ events }) => events.map(({ event, why }) => `  # - ${event} # ${why}`)),
  ];
  return { path: "app.yml", text: `${lines.join("\n")}\n` };
}

/** The page of permissions: what the App asks for, why, and what becomes of an installation that does not grant it. */
export function permissionsPage(): Page {
  const parts = [
    "# What the App may do",
    GENERATED,
    "This is all that Tidegate asks of GitHub; [app.yml](../app.yml) says the same in the form that Probot reads, and `tidegate setup` registers it. It asks for no `workflows` and no `administration`: it can neither change what CI runs nor the rules of a repository. What it may write is bounded once more by itself: the files that a service's state lists as owned or claimed, its own branches, and on the way back the bump's own hunks ([design.md](design.md#the-promises)).",
    "## Permissions",
    table(["permission", "why"], ASKED.map(permissionRow)),
    "Where it is wanted, besides; `tidegate setup --with` takes the names, with commas between them:",
    table(["name", "permission", "why"], EXTRAS.map(extraRow)),
    "`tidegate doctor` compares what the App asks for and what each installation has granted with these tables. An owner of the account must accept what an App asks for later.",
    "## Events",
    "Each event only saves time: a sweep finds what none told of. GitHub sends the presses of a check's buttons, and what happens to installations, unasked.",
    table(
      ["event", "noticed at once"],
      [...SUBSCRIBED, ...EXTRAS.flatMap(({ events }) => events)].map(({ event, why }) => [`\`${event}\``, why]),
    ),
    "## What it can do at worst",
    "Whoever holds the App's private key holds all of this on every repository that the App is installed on: contents can be written, so install it on the GitOps repositories only, keep it off the bypass list where [mode (a) or (c)](install.md#rules-on-the-default-branch) is enough, and keep the key as [operating.md](operating.md#secrets-and-keys) says. The webhook secret is to be kept as well: who has it can forge the press of a check's button, in the name of somebody who may press it; every other forged webhook only makes Tidegate look, and every look finds out for itself.",
  ];
  return { path: "docs/permissions.md", text: `${parts.join("\n\n")}\n` };
}

function lineOf({ permission, level }: Permission): string {
  return `${permission}: ${level}`;
}

function permissionRow({ name, level, why }: Permission): readonly string[] {
  return [`${name}: ${level}`, why];
}

function extraRow({ feature, permission }: Extra): readonly string[] {
  const { name, level, of, why } = permission;
  return [`\`${feature}\``, `${name}: ${level}${of === "organization" ? " (of the organisation)" : ""}`, why];
}

function plain(text: string): string {
  return text.replaceAll("`", "");
}
