import { randomBytes } from "node:crypto";
import type { Terminal } from "./command-line.ts";
import { UserError } from "../core/error.ts";
import { EXTRAS } from "../doctor/asked.ts";
import { USUAL_ENV_FILE } from "../operator/env-file.ts";
import { converted, type Registered } from "../setup/conversion.ts";
import { envAt, mustBeWritable, writeNew, writeOver } from "../setup/env-file.ts";
import { envText, inOneLine } from "../setup/env-text.ts";
import { loopback } from "../setup/loopback.ts";
import { publicAddress } from "../setup/manifest.ts";
import { donePage, offerPage } from "../setup/pages.ts";
import { registrationPage } from "../setup/place.ts";
import { setupWish, type Wish } from "./setup-wish.ts";

const USAGE = `Registers the GitHub App that Tidegate runs as, in a browser: it serves one page on this machine, from
which GitHub takes what the App asks for (app.yml, docs/permissions.md) and to which it comes back.
The App's id, key and webhook secret are written to a file that you alone can read, and never shown.

Usage: tidegate setup [options]

  --org NAME           register it for this organisation, of which you are an owner; without it, for yourself
  --webhook-url URL    the address of this Tidegate as GitHub reaches it, such as https://tidegate.example.com;
                       without it the App has no active webhook, and Tidegate works by its sweeps alone
  --github-url URL     another GitHub than https://github.com, such as https://ghe.example.com
  --name NAME          the App's name, unique on that GitHub; without it, tidegate and the organisation's
  --with FEATURES      permissions that only some need, with commas: ${EXTRAS.map(({ feature }) => feature).join(", ")}
                       (docs/permissions.md)
  --env FILE           write this file; without it, ${USUAL_ENV_FILE}
  --force              where the file is there: keep it beside, and write a new one with its other variables
  --port N             serve the page on this port; without it, any that is free
  --no-open            open no browser; the address is printed either way
  --dry-run            print what would be sent to GitHub, and do nothing
  --help               this text

Exit status: 0 when the App is registered and the file is written, 1 where it is not, 2 for wrong words.
`;

/** What the command does to the machine around it. */
export type Surroundings = {
  /** Shows an address to whoever sits there. */
  readonly open: (url: string) => void;
  /** How long the page waits for somebody, milliseconds. */
  readonly withinMs: number;
};

/** Runs `tidegate setup`; resolves to its exit status. */
export async function setup(args: readonly string[], terminal: Terminal, surroundings: Surroundings): Promise<number> {
  const wish = setupWish(args);
  if (wish.kind === "err") {
    terminal.tell(`${wish.error}\ntidegate setup --help says what there is.\n`);
    return 2;
  }
  if (wish.value === "help") return said(USAGE, terminal);
  if (wish.value.isDry) return said(`${JSON.stringify(wish.value.manifest, undefined, 2)}\n`, terminal);
  try {
    await register(wish.value, terminal, surroundings);
    return 0;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    terminal.tell(`${error.message}\n`);
    return 1;
  }
}

async function register(wish: Wish, terminal: Terminal, { open, withinMs }: Surroundings): Promise<void> {
  const { place, organisation, file } = wish;
  await mustTake(wish);
  let outcome: Outcome | undefined;
  const desk = {
    offer: ({ state, back }: { readonly state: string; readonly back: string }) =>
      offerPage({
        manifest: { ...wish.manifest, redirect_url: back },
        takenAt: registrationPage(place, organisation, state),
        owner: ownerText(wish),
        file,
      }),
    take: async (code: string) => {
      outcome = await settled(wish, await converted(place, code));
      return donePage(outcome.app.slug, file, installation(outcome.app));
    },
  };
  const { url, taken } = await loopback(wish.port, withinMs, desk);
  terminal.write(invitation(url, wish));
  if (wish.opens) open(url);
  await taken;
  if (outcome !== undefined) terminal.write(nextSteps(outcome, wish));
}

/** Throws a UserError where what GitHub gives could not be written: it gives it once. */
async function mustTake({ file, overwrites }: Wish): Promise<void> {
  await mustBeWritable(file);
  if (!overwrites && (await envAt(file)) !== undefined)
    throw new UserError(
      `${file} is there already, and may hold the key of an App. Name another file by --env; or say --force, which keeps it beside and takes its other variables over.`,
    );
}

type Outcome = {
  readonly app: Registered;
  /** Where the file is that was there before. */
  readonly kept: string | undefined;
};

// What setup writes is not taken over from the file before, nor what went with it.
const SUPERSEDED: ReadonlySet<string> = new Set([
  "APP_ID",
  "PRIVATE_KEY",
  "PRIVATE_KEY_PATH",
  "WEBHOOK_SECRET",
  "WEBHOOK_SECRET_PREVIOUS",
  "GITHUB_API_URL",
  "GITHUB_URL",
]);

async function settled({ place, webhook, file, overwrites }: Wish, app: Registered): Promise<Outcome> {
  const said: readonly (readonly [string, string])[] = [
    ["APP_ID", String(app.id)],
    ["PRIVATE_KEY", inOneLine(app.pem)],
    ["WEBHOOK_SECRET", app.webhookSecret ?? randomBytes(32).toString("hex")],
    ...(place.web === "https://github.com"
      ? []
      : [["GITHUB_URL", place.web] as const, ["GITHUB_API_URL", place.api] as const]),
    ...(webhook === undefined ? [] : [["PUBLIC_URL", publicAddress(webhook)] as const]),
  ];
  const before = overwrites ? await envAt(file) : undefined;
  const names = new Set(said.map(([name]) => name));
  const others = Object.entries(before ?? {}).flatMap(([name, value]) =>
    value === undefined || names.has(name) || SUPERSEDED.has(name) ? [] : [[name, value] as const],
  );
  const text = envText(headOf(app), said, others);
  if (before !== undefined) return { app, kept: await writeOver(file, text) };
  await writeNew(file, text);
  return { app, kept: undefined };
}

function headOf({ slug, page }: Registered): readonly string[] {
  return [
    `The GitHub App ${slug}: ${page}`,
    "This file holds its key: let nobody else read it. docs/environment.md lists all that can be said here.",
  ];
}

function installation({ page }: Registered): string {
  return `${page}/installations/new`;
}

function ownerText({ place, organisation }: Wish): string {
  const { host } = new URL(place.web);
  return organisation === undefined ? `your own account on ${host}` : `the organisation ${organisation} on ${host}`;
}

function invitation(url: string, { webhook, port }: Wish): string {
  const served = new URL(url).port;
  const hook =
    webhook === undefined
      ? `No --webhook-url was given: the App is registered without an active webhook, and Tidegate finds out by itself what
happened, every five minutes (SWEEP_SECONDS). It can be added in the App's settings at any time.\n\n`
      : "";
  return `${hook}Open this page in a browser on this machine; it is there for an hour:

  ${url}

From another machine: ssh -L ${served}:127.0.0.1:${served} and this host, then the same address${port === 0 ? "" : " there"}.
`;
}

function nextSteps({ app, kept }: Outcome, { file, webhook, place }: Wish): string {
  const own = file === USUAL_ENV_FILE ? "" : ` --env ${file}`;
  const start = webhook === undefined ? "Start it:" : `Start it where ${publicAddress(webhook)} leads to:`;
  const before = kept === undefined ? "" : ` What was there before is in ${kept}.`;
  const unsigned =
    app.webhookSecret === undefined
      ? `\nGitHub made no webhook secret. One was made here: enter the value of WEBHOOK_SECRET in the App's settings on ${place.web} before its webhook is made active.\n`
      : "";
  return `
${app.slug} (App ${app.id}) is registered; its credentials are in ${file}, readable by you alone.${before}
${unsigned}
Next:
  1. Install it on the GitOps repository: ${installation(app)}
  2. Say where metrics may be read, in ${file}: METRICS_HOSTS=prometheus.example.com
  3. ${start} npx tidegate start${own}
  4. See whether all is well: npx tidegate doctor owner/repo${own}
`;
}

function said(words: string, { write }: Terminal): number {
  write(words);
  return 0;
}
