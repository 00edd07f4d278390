import { setTimeout as sleep } from "node:timers/promises";
import { meant, type Terminal } from "./cli/command-line.ts";
import { UserError } from "./core/error.ts";
import { environmentWith, withoutEnvOption } from "./operator/env-file.ts";
import { openBrowser } from "./cli/open-browser.ts";
import type { Clock } from "./ports/clock.ts";
import { version } from "./operator/version.ts";

const USAGE = `Tidegate delivers releases progressively, through git alone.

Usage: tidegate <command> [options]

To install and run it
  setup      register the App on GitHub in a browser, and write what it gives into .env
  start      run the App
  doctor     look at everything that it needs, and say how what is wrong is mended

To ask about releases
  why        say what stands between a service and its next merge
  gate       say what the error gate says of a service or of counts in a file, with every term of it
  backtest   say how often a service's gate would have blocked, what it would have found, and what suits its traffic

To work in a checkout
  services   say which services a repository delivers where, and how that was found
  lint       say where manifests would lose traffic in a release, or could not be trusted with one
  change     say what a change of a repository is: which services get which image, and what else
  config     check the configuration in a checkout; explain what it makes go for a service; propose a first one
  templates  list what services can be put on, Tidegate's and those of a repository, or show one of them
  routers    list the kinds of objects that split traffic, and where their weights stand
  opt-in     put a service on a template: what to write, as a diff, or what speaks against it
  opt-out    take it off again, as it was before
  claim      say what to write so that releases go by the steps of an Argo Rollout that is there
  analysis   say where analysis templates of Argo and Flagger are dangerous; evaluate their conditions

  version    print the version
  help       this text; help <command>, or --help after a command, says more

What start, doctor, why and gate need is said by environment variables or by the file .env in this folder;
--env FILE names another one (docs/environment.md). services, lint, change, config, templates, claim and
analysis need nothing but files, backtest in a clone METRICS_HOSTS and the like besides.

To see it work without an account or a cluster: npm run demo
`;

/**
 * Commands that have a help of their own, told by the environment and its file.
 * Each is loaded when it is asked for: all of them together take a second to load.
 */
const TOLD: Readonly<Record<string, Command>> = {
  start: async (args, terminal) => (await import("./cli/start.ts")).start(args, terminal),
  doctor: async (args, terminal) => (await import("./cli/doctor.ts")).doctor(args, terminal, CLOCK),
  why: async (args, terminal) => (await import("./cli/why.ts")).why(args, terminal, CLOCK),
  gate: async (args, terminal) => (await import("./cli/gate.ts")).gate(args, terminal, CLOCK),
  backtest: async (args, terminal) => (await import("./cli/backtest.ts")).backtest(args, terminal, CLOCK),
  services: async (args, terminal) => (await import("./cli/services.ts")).services(args, terminal, CLOCK),
  lint: async (args, terminal) => (await import("./cli/lint.ts")).lint(args, terminal, CLOCK),
  change: async (args, terminal) => (await import("./cli/change.ts")).change(args, terminal),
  config: async (args, terminal) => (await import("./cli/config.ts")).config(args, terminal),
};

/** The same of those that no variable concerns. */
const UNTOLD: Readonly<Record<string, Command>> = {
  setup: async (args, terminal) => {
    const open = (url: string) => openBrowser(url, terminal.environment);
    return (await import("./cli/setup.ts")).setup(args, terminal, { open, withinMs: 3_600_000 });
  },
  "opt-in": async (args, terminal) => (await import("./cli/opt-in.ts")).optIn(args, terminal),
  "opt-out": async (args, terminal) => (await import("./cli/opt-out.ts")).optOut(args, terminal),
  claim: async (args, terminal) => (await import("./cli/claim.ts")).claim(args, terminal),
  routers: async (args, terminal) => (await import("./cli/routers.ts")).routers(args, terminal),
  templates: async (args, terminal) => (await import("./cli/templates.ts")).templates(args, terminal),
  analysis: async (args, terminal) => (await import("./cli/analysis.ts")).analysis(args, terminal),
};

const COMMANDS = [...Object.keys(TOLD), ...Object.keys(UNTOLD), "version", "help"];

type Command = (args: readonly string[], terminal: Terminal) => Promise<number>;

/** Runs one command; resolves to its exit status, 2 for words that are no command. */
export async function run([command = "help", ...more]: readonly string[], terminal: Terminal): Promise<number> {
  switch (command) {
    case "version":
    case "--version":
      return more.length > 0 ? unaskedFor(command, more, terminal) : print(`${version()}\n`, terminal);
    case "help":
    case "--help":
    case "-h":
      return help(more, terminal);
    default:
      return runCommand(command, more, terminal);
  }
}

async function runCommand(command: string, more: readonly string[], terminal: Terminal): Promise<number> {
  const untold = own(UNTOLD, command);
  if (untold !== undefined) return untold(more, terminal);
  const told = own(TOLD, command);
  if (told === undefined) return wrong(`There is no command ${command}.${meant(command, COMMANDS)}`, terminal);
  return more.includes("--help") ? told(more, terminal) : tell(told, more, terminal);
}

/** Runs a command with what the environment's file says beneath the environment. */
async function tell(command: Command, more: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const { named, args } = withoutEnvOption(more);
    const { environment, warnings } = environmentWith(named, terminal.environment);
    for (const warning of warnings) terminal.tell(`${warning}\n`);
    return await command(args, { ...terminal, environment });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    terminal.tell(`${error.message}\n`);
    return 1;
  }
}

function own(commands: Readonly<Record<string, Command>>, name: string): Command | undefined {
  return Object.hasOwn(commands, name) ? commands[name] : undefined;
}

const CLOCK: Clock = { now: () => Date.now(), sleep: (ms) => sleep(ms) };

/** `help why` is `why --help`. */
async function help([command, ...more]: readonly string[], terminal: Terminal): Promise<number> {
  if (command === undefined || command === "help" || command === "version") return print(USAGE, terminal);
  return COMMANDS.includes(command)
    ? runCommand(command, ["--help"], terminal)
    : wrong(`There is no command ${[command, ...more].join(" ")}.${meant(command, COMMANDS)}`, terminal);
}

function print(words: string, { write }: Terminal): number {
  write(words);
  return 0;
}

function unaskedFor(command: string, more: readonly string[], terminal: Terminal): number {
  return wrong(`${command} takes nothing more, but was given: ${more.join(" ")}`, terminal);
}

function wrong(what: string, { tell: say }: Terminal): number {
  say(`${what}\n\n${USAGE}`);
  return 2;
}

if (import.meta.main)
  process.exitCode = await run(process.argv.slice(2), {
    environment: process.env,
    write: (text) => void process.stdout.write(text),
    tell: (text) => void process.stderr.write(text),
    columns: process.stdout.isTTY ? process.stdout.columns : undefined,
  });
