import { err, ok, type Result } from "../core/result.ts";

/** A GitHub: where people browse, and where programs ask. Neither ends in a slash. */
export type Place = { readonly web: string; readonly api: string };

const LOGIN = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$/;
const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Where a GitHub's API is: github.com's, that of an Enterprise Cloud with an address of its own (*.ghe.com), else an Enterprise Server's. Or in one sentence why it is none. */
export function placeOf(address: string): Result<Place, string> {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || /[?#@]/.test(address))
    return err(`${address} is not the address of a GitHub, such as https://ghe.example.com.`);
  if (url.protocol === "http:" && !LOOPBACK.has(url.hostname))
    return err(`${address} is not encrypted: the App's key would be sent for all to read. Give an address with https.`);
  const web = url.origin;
  if (url.hostname === "github.com") return ok({ web, api: "https://api.github.com" });
  if (url.hostname.endsWith(".ghe.com")) return ok({ web, api: `https://api.${url.host}` });
  return ok({ web, api: `${web}/api/v3` });
}

/** The page that takes a manifest: an organisation's, or without one the person's own. */
export function registrationPage({ web }: Place, organisation: string | undefined, state: string): string {
  const owner = organisation === undefined ? "" : `/organizations/${organisation}`;
  return `${web}${owner}/settings/apps/new?state=${encodeURIComponent(state)}`;
}

/** Whether a text can be the login of an account. */
export function isAccount(text: string): boolean {
  return LOGIN.test(text);
}
