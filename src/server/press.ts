import { isLogin } from "../adapters/github/asked.ts";
import { VERBS, type Verb } from "../core/commands.ts";
import { isSha } from "../core/names.ts";
import { field } from "./field.ts";
import type { Asked } from "../ports/forge.ts";

/** A person's click on a button of one of our check runs. */
export type Press = {
  readonly asked: Asked;
  readonly verb: Verb;
  /** Where GitHub says which of the repository's open pull requests has that head. */
  readonly pull: number | undefined;
};

/** Why a click is no press: it is of another App's run or a bot's, or it is none that we know. */
export type NoPress = { readonly because: string };

const BUTTONS: ReadonlySet<Verb> = new Set<Verb>(["promote", "hold", "resume", "abort"]);

/** Reads the payload of `check_run.requested_action`; believes none of its fields without a look. */
export function pressIn(payload: object, appId: number): Press | NoPress {
  const run = field(payload, "check_run");
  if (field(field(run, "app"), "id") !== appId) return { because: "the check run is not ours" };
  const sender = field(payload, "sender");
  if (field(sender, "type") !== "User") return { because: "no person clicked" };
  const by = field(sender, "login");
  const headSha = field(run, "head_sha");
  if (!isLogin(by) || !isSha(headSha)) return { because: "it does not say who clicked, or where" };
  const identifier = field(field(payload, "requested_action"), "identifier");
  const verb = VERBS.find((one) => one === identifier);
  if (verb === undefined || !BUTTONS.has(verb)) return { because: "there is no such button" };
  return { asked: { by, headSha }, verb, pull: pullOf(payload, run) };
}

/** The one pull request of this repository that has the run's commit as its head. GitHub also names those into other repositories. */
function pullOf(payload: object, run: unknown): number | undefined {
  const pulls = field(run, "pull_requests");
  const repository = field(field(payload, "repository"), "id");
  const ours = (Array.isArray(pulls) ? pulls : []).filter(
    (pull: unknown) =>
      field(field(field(pull, "base"), "repo"), "id") === repository &&
      field(field(pull, "head"), "sha") === field(run, "head_sha"),
  );
  const number: unknown = ours.length === 1 ? field(ours[0], "number") : undefined;
  return typeof number === "number" && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
