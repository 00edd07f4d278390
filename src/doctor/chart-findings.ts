import { finding, type Finding } from "./finding.ts";
import type { AppReport } from "./report.ts";
import { HOOK_PATH, isHere } from "./webhook-findings.ts";

/** Whether checks carry charts, and whether whoever reads a check can see them. */
export function chartFindings({ publicUrl, ...seen }: Seen, about: string): readonly Finding[] {
  if (publicUrl === undefined) return [finding("charts-off", { about, found: OFF })];
  const url = URL.parse(publicUrl);
  if (url === null) return [finding("public-url-path", { about, found: "PUBLIC_URL is no address." })];
  const faults = [...hostFaults(url, seen, about), ...pathFaults(url, seen, about)];
  const at = `${url.host}${folderOf(url.pathname)}/charts/`;
  return faults.length > 0 ? faults : [finding("charts-shown", { about, found: `Charts are at ${at}.` })];
}

function hostFaults(url: URL, { app }: Pick<Seen, "app">, about: string): readonly Finding[] {
  const settings = app.kind === "read" ? URL.parse(app.value.settings) : null;
  const isOnGitHub = settings !== null && GITHUB.test(settings.host);
  const isPlain = url.protocol === "http:" && !isHere(url);
  return [
    ...(isPlain ? [finding("public-url-plain", { about, found: `PUBLIC_URL is http://${url.host}.` })] : []),
    ...(isHere(url) || (isOnGitHub && isInside(url.hostname))
      ? [finding("public-url-inside", { about, found: `PUBLIC_URL names ${url.host}.` })]
      : []),
  ];
}

function pathFaults(url: URL, { hook }: Pick<Seen, "hook">, about: string): readonly Finding[] {
  const folder = folderOf(url.pathname);
  const wanted = hook.kind === "read" ? besideHook(url, hook.value?.url) : undefined;
  const isWrong = POINTS_BELOW.test(folder) || (wanted !== undefined && wanted !== folder);
  return isWrong ? [finding("public-url-path", { about, found: pathText(url.host, folder, wanted) })] : [];
}

type Seen = Pick<AppReport, "publicUrl" | "hook" | "app">;

const OFF = "PUBLIC_URL is not set, so checks carry no charts; their text says the same.";

/** GitHub in its cloud, which reaches nothing inside; a server of one's own may. */
const GITHUB = /(?:^|\.)(?:github\.com|ghe\.com)$/;

/** Not the folder that Tidegate answers in, but one of its pages: `/charts` is added to it. */
const POINTS_BELOW = /\/(?:charts|api\/github(?:\/webhooks)?|healthz|readyz)$/;

function folderOf(path: string): string {
  return path.replace(/\/+$/, "");
}

/** The folder in which the webhook finds this Tidegate; undefined where the webhook goes to another host, or nowhere that tells. */
function besideHook({ host }: URL, hook: string | undefined): string | undefined {
  const url = hook === undefined ? null : URL.parse(hook);
  if (url === null || url.host !== host || !url.pathname.endsWith(HOOK_PATH)) return undefined;
  return folderOf(url.pathname.slice(0, -HOOK_PATH.length));
}

function pathText(host: string, folder: string, wanted: string | undefined): string {
  const found = `PUBLIC_URL is ${host}${folder}, so charts would be asked for at ${folder}/charts/`;
  return wanted === undefined ? `${found}.` : `${found}; webhooks reach this Tidegate at ${host}${wanted}${HOOK_PATH}.`;
}

/** Names and addresses that mean nothing outside of a network. */
function isInside(hostname: string): boolean {
  const isBare = !hostname.includes(".") && !hostname.startsWith("[");
  return isBare || INSIDE.some((form) => form.test(hostname));
}

const INSIDE: readonly RegExp[] = [
  /^(?:0|10|127)\./,
  /^192\.168\./,
  /^172\.(?:1[6-9]|2\d|3[01])\./,
  /^169\.254\./,
  /^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
  /^\[(?:::|f[cd]|fe[89ab])/,
  /\.(?:local|localhost|internal|intranet|lan|home|corp|svc|test|invalid|example)\.?$/,
];
