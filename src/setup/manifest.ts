import { err, ok, type Result } from "../core/result.ts";
import { EXTRAS, NEEDED, STATUSES, SUBSCRIBED } from "../doctor/asked.ts";

/** What somebody wants of the App beyond what Tidegate needs. */
export type Wish = {
  readonly name: string;
  /** The address of a page about the App. */
  readonly page: string;
  /** Where GitHub delivers; undefined: nowhere yet. */
  readonly webhook: string | undefined;
  /** Names of the extra features. */
  readonly features: readonly string[];
};

/** The form in which GitHub takes an App: JSON, keys by its documentation. */
export type Manifest = {
  readonly name: string;
  readonly url: string;
  readonly description: string;
  readonly public: false;
  readonly hook_attributes: { readonly url: string; readonly active: boolean };
  readonly redirect_url?: string;
  readonly default_permissions: Readonly<Record<string, "read" | "write">>;
  readonly default_events: readonly string[];
};

const WEBHOOK_PATH = "/api/github/webhooks";
// GitHub refuses a webhook without an address even where it is not active, and one that is not public. This one is nobody's.
const NOWHERE = `https://example.com${WEBHOOK_PATH}`;

/** The manifest of the App that is wished for; nobody but its owner can install it. */
export function manifestOf({ name, page, webhook, features }: Wish): Manifest {
  const extras = EXTRAS.filter(({ feature }) => features.includes(feature));
  const permissions = [...NEEDED, STATUSES, ...extras.map(({ permission }) => permission)];
  return {
    name,
    url: page,
    description: "Delivers releases progressively, through git alone.",
    public: false,
    hook_attributes: { url: webhook ?? NOWHERE, active: webhook !== undefined },
    default_permissions: Object.fromEntries(permissions.map(({ permission, level }) => [permission, level])),
    default_events: [...SUBSCRIBED, ...extras.flatMap(({ events }) => events)].map(({ event }) => event),
  };
}

/** Where Tidegate takes webhooks under an address that GitHub reaches, or in one sentence why GitHub would not. */
export function webhookAt(address: string): Result<string, string> {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol) || /[?#@]/.test(address))
    return err(`${address} is not an address for webhooks, such as https://tidegate.example.com.`);
  if (isInside(url.hostname))
    return err(
      `GitHub does not reach ${url.hostname}: a webhook needs an address that leads here from outside. Without --webhook-url Tidegate works by its sweeps alone.`,
    );
  const path = url.pathname.replace(/\/+$/, "");
  return ok(`${url.origin}${path.endsWith(WEBHOOK_PATH) ? path : `${path}${WEBHOOK_PATH}`}`);
}

/** What stands before the path of webhooks: Tidegate's own address. */
export function publicAddress(webhook: string): string {
  return webhook.slice(0, -WEBHOOK_PATH.length);
}

// Private networks are let pass: an Enterprise Server may well reach them.
function isInside(host: string): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\])$/.test(host);
}
