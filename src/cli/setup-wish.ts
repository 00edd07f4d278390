import { given, meant } from "./command-line.ts";
import { err, ok, type Result } from "../core/result.ts";
import { EXTRAS } from "../doctor/asked.ts";
import { USUAL_ENV_FILE } from "../operator/env-file.ts";
import { manifestOf, publicAddress, webhookAt, type Manifest } from "../setup/manifest.ts";
import { isAccount, placeOf, type Place } from "../setup/place.ts";

/** What somebody asked `tidegate setup` for. */
export type Wish = {
  readonly manifest: Manifest;
  readonly place: Place;
  /** Undefined: the person's own account. */
  readonly organisation: string | undefined;
  readonly webhook: string | undefined;
  readonly file: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly overwrites: boolean;
  readonly opens: boolean;
  readonly isDry: boolean;
};

const SWITCHES = ["force", "no-open", "dry-run", "help"];
const VALUED = ["org", "webhook-url", "github-url", "name", "with", "env", "port"];
// GitHub's limit for the names of Apps.
const LONGEST_NAME = 34;
const HIGHEST_PORT = 65_535;

/** The words after `tidegate setup`, understood; or in one sentence what is wrong with them. */
export function setupWish(args: readonly string[]): Result<Wish | "help", string> {
  const parsed = given(args, { options: SWITCHES, valued: VALUED, most: 0 });
  if (parsed.kind === "err") return parsed;
  const { switches, values } = parsed.value;
  if (switches.has("help")) return ok("help");
  const app = appIn(values);
  if (app.kind === "err") return app;
  const port = values.get("port") ?? "0";
  if (!/^\d{1,5}$/.test(port) || Number(port) > HIGHEST_PORT) return err(`${port} is no port.`);
  return ok({
    ...app.value,
    file: values.get("env") ?? USUAL_ENV_FILE,
    port: Number(port),
    overwrites: switches.has("force"),
    opens: !switches.has("no-open"),
    isDry: switches.has("dry-run"),
  });
}

type Values = ReadonlyMap<string, string>;

function appIn(values: Values): Result<Pick<Wish, "manifest" | "place" | "organisation" | "webhook">, string> {
  const place = placeOf(values.get("github-url") ?? "https://github.com");
  if (place.kind === "err") return place;
  const webhook = webhookIn(values.get("webhook-url"));
  if (webhook.kind === "err") return webhook;
  const features = featuresIn(values.get("with") ?? "");
  if (features.kind === "err") return features;
  const organisation = values.get("org");
  if (organisation !== undefined && !isAccount(organisation)) return err(`${organisation} is no organisation's login.`);
  const name = nameIn(values.get("name"), organisation);
  if (name.kind === "err") return name;
  const page = webhook.value === undefined ? pageFor(place.value, organisation) : publicAddress(webhook.value);
  const manifest = manifestOf({ name: name.value, page, webhook: webhook.value, features: features.value });
  return ok({ manifest, place: place.value, organisation, webhook: webhook.value });
}

function nameIn(asked: string | undefined, organisation: string | undefined): Result<string, string> {
  const name = asked ?? (organisation === undefined ? "tidegate" : `tidegate-${organisation}`);
  return name.trim() === "" || name.length > LONGEST_NAME
    ? err(`GitHub takes names of up to ${LONGEST_NAME} characters; say a shorter one by --name: ${name}`)
    : ok(name);
}

function webhookIn(address: string | undefined): Result<string | undefined, string> {
  return address === undefined ? ok(undefined) : webhookAt(address);
}

function featuresIn(text: string): Result<readonly string[], string> {
  const known = EXTRAS.map(({ feature }) => feature);
  const asked = text.split(",").filter((word) => word !== "");
  const unknown = asked.find((word) => !known.includes(word));
  return unknown === undefined
    ? ok(asked)
    : err(`--with takes ${known.join(", ")}, and not ${unknown}.${meant(unknown, known)}`);
}

function pageFor({ web }: Place, organisation: string | undefined): string {
  return organisation === undefined ? web : `${web}/${organisation}`;
}
