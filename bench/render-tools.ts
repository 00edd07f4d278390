import { execFile, execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { parseAllDocuments } from "yaml";

/** A program that renders, and the arguments that come before all others. */
export type Renderer = { readonly program: string; readonly arguments: readonly string[]; readonly version: string };

/** What was rendered: the objects, or what the program said. */
export type Rendering =
  | { readonly kind: "rendered"; readonly objects: readonly Json[] }
  | { readonly kind: "failed"; readonly said: string };

/** An object of a manifest, or a part of one. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const TIMEOUT_MS = 30_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** `kustomize`, or the one in `kubectl`; undefined where neither is on the path. */
export function findKustomize(): Renderer | undefined {
  const own = which("kustomize");
  if (own !== undefined) return { program: own, arguments: ["build"], version: versionOf(own, ["version"]) };
  const kubectl = which("kubectl");
  if (kubectl === undefined) return undefined;
  return { program: kubectl, arguments: ["kustomize"], version: versionOf(kubectl, ["version", "--client"]) };
}

/** `helm`; undefined where it is not on the path. */
export function findHelm(): Renderer | undefined {
  const helm = which("helm");
  if (helm === undefined) return undefined;
  return { program: helm, arguments: ["template"], version: versionOf(helm, ["version", "--short"]) };
}

/** Runs a renderer in a folder: without a shell, within a time, and without any way to a network. */
export function render(renderer: Renderer, folder: string, given: readonly string[]): Promise<Rendering> {
  return new Promise((resolve) => {
    const options = { cwd: folder, timeout: TIMEOUT_MS, maxBuffer: MOST_BYTES, env: ALONE };
    execFile(renderer.program, [...renderer.arguments, ...given], options, (error, stdout, stderr) => {
      resolve(error === null ? rendered(stdout) : { kind: "failed", said: (stderr || error.message).trim() });
    });
  });
}

// No program to call (kustomize would call git for what is remote), and a proxy where nothing listens.
const NOWHERE = "http://127.0.0.1:9";
const ALONE: NodeJS.ProcessEnv = {
  PATH: "",
  HOME: "/nonexistent",
  HTTP_PROXY: NOWHERE,
  HTTPS_PROXY: NOWHERE,
  ALL_PROXY: NOWHERE,
  NO_PROXY: "",
};

function rendered(text: string): Rendering {
  const documents = Array.from(
    parseAllDocuments(text, { version: "1.1", merge: true, uniqueKeys: false, logLevel: "silent" }),
  );
  const broken = documents.find(({ errors }) => errors.length > 0);
  if (broken !== undefined)
    return { kind: "failed", said: `what is rendered is no YAML: ${broken.errors[0]?.message}` };
  const objects = documents.map((document): unknown => document.toJS()).filter(isObject);
  return { kind: "rendered", objects };
}

function isObject(value: unknown): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function which(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function versionOf(program: string, given: readonly string[]): string {
  try {
    return execFileSync(program, given, { encoding: "utf8", timeout: TIMEOUT_MS, stdio: ["ignore", "pipe", "ignore"] })
      .trim()
      .replaceAll(/\s+/g, " ");
  } catch {
    return "unknown";
  }
}
