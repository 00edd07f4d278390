import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Answered, Load } from "./ingress-load.ts";
import type { ServerKind, Spent } from "./ingress-server.ts";

/** A server that takes webhooks, in a process of its own. */
export type ServerProcess = { readonly port: number; readonly spent: () => Promise<Spent>; readonly end: () => void };

const Port = z.object({ port: z.number() });
const Cpu = z.object({ cpuMicros: z.number() });
const Answers = z.array(z.tuple([z.number(), z.number(), z.number(), z.number()]));

/** Starts a server of one kind. */
export async function serverProcess(kind: ServerKind, secret: string): Promise<ServerProcess> {
  const child = started("ingress-server.ts");
  const { port } = Port.parse(await asked(child, { kind, secret }));
  return { port, spent: async () => Cpu.parse(await asked(child, {})), end: () => child.disconnect() };
}

/** A generator of load, in a process of its own; sends one load at a time. */
export type Generator = { readonly send: (load: Load) => Promise<readonly Answered[]>; readonly end: () => void };

/** Starts a generator of load. */
export function generatorProcess(): Generator {
  const child = started("ingress-generator.ts");
  return { send: async (load) => Answers.parse(await asked(child, load)), end: () => child.disconnect() };
}

/** Starts a program of the benchmarks that is asked by messages. */
export function started(file: string): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
}

/** What a program answers to a message. */
export function asked(child: ChildProcess, message: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error("A process of the benchmark ended."));
    child.once("exit", ended);
    child.once("message", (said: unknown) => {
      child.off("exit", ended);
      resolve(said);
    });
    child.send(message);
  });
}
