import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { analysis } from "./analysis-command.ts";
import { backtest } from "./backtest-command.ts";
import { change } from "./change-command.ts";
import { claim } from "./claim-command.ts";
import { meant, type Terminal } from "./command-line.ts";
import { config } from "./config-command.ts";
import { doctor } from "./doctor-command.ts";
import { gate } from "./gate-command.ts";
import type { Clock } from "./ports/clock.ts";
import { services } from "./services-command.ts";
import { why } from "./why-command.ts";

const USAGE = `Tidegate delivers releases progressively, through git alone.

Usage: tidegate <command>

  start      run the App
  doctor     look at everything that it needs, and say how what is wrong is mended
  why        say what stands between a service and its next merge
  gate       say what the error gate says of a service or of counts in a file, with every term of it
  services   say which services a repository delivers where, and how that was found
  change     say what a change of a repository is: which services get which image, and what else
  config     check the configuration in a checkout; explain what it makes go for a service; propose a first one
  claim      say what to write so that releases go by the steps of an Argo Rollout that is there
  analysis   say where analysis templates of Argo and Flagger are dangerous; evaluate their conditions
  backtest   say how often a service's gate would have blocked, what it would have found, and what suits its traffic
  version    print the version
  help       this text

What start, doctor, why and gate need is said by environment variables (docs/install.md); services, change,
config, claim and analysis need nothing but files, backtest in a clone METRICS_HOSTS and the like besides.
doctor, why, gate, services, change, config, claim, analysis and backtest say more with --help.

To see it work without an account or a cluster: npm run demo
`;

/** Commands that have a help of their own. */
const HELPING = ["doctor", "why", "gate", "services", "change", "config", "claim", "analysis", "backtest"] as const;
const COMMANDS = [
  "start",
  "doctor",
  "why",
  "gate",
  "services",
  "change",
  "config",
  "claim",
  "analysis",
  "backtest",
  "version",
  "help",
] as const;

/** Runs one command; resolves to its exit status, 2 for words that are no command. */
async function run([command = "help", ...more]: readonly string[], terminal: Terminal): Promise<number> {
  switch (command) {
    case "doctor":
      return doctor(more, terminal, CLOCK);
    case "why":
      return why(more, terminal, CLOCK);
    case "gate":
      return gate(more, terminal, CLOCK);
    case "services":
      return services(more, terminal, CLOCK);
    case "change":
      return change(more, terminal);
    case "config":
      return config(more, terminal);
    case "claim":
      return claim(more, terminal);
    case "analysis":
      return analysis(more, terminal);
    case "backtest":
      return backtest(more, terminal, CLOCK);
    case "start":
      return more.length > 0 ? unaskedFor(command, more) : start();
    case "version":
    case "--version":
      return more.length > 0 ? unaskedFor(command, more) : print(`${version()}\n`);
    case "help":
    case "--help":
    case "-h":
      return help(more, terminal);
    default:
      return wrong(`There is no command ${command}.${meant(command, COMMANDS)}`);
  }
}

const CLOCK: Clock = { now: () => Date.now(), sleep: (ms) => sleep(ms) };

async function start(): Promise<number> {
  await import("./main.ts");
  return Number(process.exitCode ?? 0);
}

/** `help why` is `why --help`. */
async function help([command, ...more]: readonly string[], terminal: Terminal): Promise<number> {
  if (HELPING.some((known) => known === command)) return run([command ?? "", "--help"], terminal);
  return command === undefined || COMMANDS.some((known) => known === command)
    ? print(USAGE)
    : wrong(`There is no command ${[command, ...more].join(" ")}.${meant(command, COMMANDS)}`);
}

function print(words: string): number {
  process.stdout.write(words);
  return 0;
}

function unaskedFor(command: string, more: readonly string[]): number {
  return wrong(`${command} takes nothing more, but was given: ${more.join(" ")}`);
}

function wrong(what: string): number {
  process.stderr.write(`${what}\n\n${USAGE}`);
  return 2;
}

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const found: unknown = JSON.parse(text);
  return typeof found === "object" && found !== null && "version" in found ? String(found.version) : "unknown";
}

process.exitCode = await run(process.argv.slice(2), {
  environment: process.env,
  write: (text) => void process.stdout.write(text),
  tell: (text) => void process.stderr.write(text),
  columns: process.stdout.isTTY ? process.stdout.columns : undefined,
});
