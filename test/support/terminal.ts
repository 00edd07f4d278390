import { setTimeout as sleep } from "node:timers/promises";
import type { Terminal } from "../../src/cli/command-line.ts";
import type { Clock } from "../../src/ports/clock.ts";

export const MACHINE_CLOCK: Clock = { now: () => Date.now(), sleep: (ms) => sleep(ms) };

/** A terminal of 100 columns that keeps what is written; `environment` is all that a command is told. */
export function fakeTerminal(environment: Terminal["environment"]) {
  const out: string[] = [];
  const told: string[] = [];
  const terminal: Terminal = {
    environment: { PATH: process.env["PATH"], ...environment },
    write: (text) => void out.push(text),
    tell: (text) => void told.push(text),
    columns: undefined,
  };
  return { terminal, out: () => out.join(""), told: () => told.join("") };
}
