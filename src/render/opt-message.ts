import type { OptChange, OptWish } from "../core/opting.ts";
import { isName } from "../core/names.ts";
import type { Message } from "./commit.ts";
import { plain } from "./markdown.ts";

/** The message of the commit that opts a service in or out. What was asked for stands in its last lines: from them, and from the tracked branch, the commit follows. */
export function optMessage(change: OptChange): Message {
  const { wish, targets, first } = change;
  const { verb, service, called, template, parameters, by, targets: named = [], namespace } = wish;
  const places = targets.map(({ target }) => target).join(", ");
  const done =
    verb === "opt-in"
      ? `Releases of ${service} in ${places} go by the template ${template} once this is merged.`
      : `What opting ${service} in has added in ${places} is taken away again.`;
  const what = `${first.length === 0 ? done : `The first of two steps in ${first.join(", ")}.`} ${sentence(movesText(change))}.`;
  const lines = [
    ["Service", service],
    ["Opt", verb],
    ["Called", called],
    ...(template === undefined ? [] : [["Template", template]]),
    ...parameters.map(([name, value]) => ["Parameter", `${name}=${value}`]),
    ...named.map((target) => ["Target", target]),
    ...(namespace === undefined ? [] : [["Namespace", namespace]]),
    ["By", plain(by)],
  ];
  return { title: optTitle(wish), body: `${what}\n\n${lines.map((line) => `Tidegate-${line.join(": ")}`).join("\n")}` };
}

/** What merging does to requests, a clause. */
export function movesText({ isHandover = false, standing = [] }: Pick<OptChange, "isHandover" | "standing">): string {
  if (isHandover) return "requests go to other pods of the same version";
  return standing.length > 0 ? "no traffic moves while no version is on its way" : "no traffic moves";
}

function sentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}`;
}

/** One line that names the change: "Opt checkout in: canary-istio". */
export function optTitle({ verb, service, template }: Pick<OptWish, "verb" | "service" | "template">): string {
  return verb === "opt-in" ? `Opt ${service} in: ${template}` : `Opt ${service} out`;
}

/** What a commit with such a message was made for; undefined where it says nothing of the kind. */
export function wishIn(message: string): OptWish | undefined {
  const lines = message.trimEnd().split("\n\n").at(-1)?.split("\n") ?? [];
  const all = lines.flatMap((line) => {
    const [, key, value] = /^Tidegate-([A-Z][a-z]+): (.*)$/.exec(line) ?? [];
    return key === undefined || value === undefined ? [] : [{ key, value }];
  });
  const said = (key: string) => all.find((one) => one.key === key)?.value;
  const [verb, service] = [said("Opt"), said("Service")];
  if ((verb !== "opt-in" && verb !== "opt-out") || !isName(service)) return undefined;
  const parameters = all.flatMap(({ key, value }) => {
    const end = value.indexOf("=");
    return key === "Parameter" && end > 0 ? [[value.slice(0, end), value.slice(end + 1)] as const] : [];
  });
  const targets = all.flatMap(({ key, value }) => (key === "Target" && isName(value) ? [value] : []));
  const namespace = said("Namespace");
  return {
    verb,
    service,
    called: said("Called") ?? service,
    template: said("Template"),
    parameters,
    ...(targets.length > 0 && { targets }),
    ...(isName(namespace) && { namespace }),
    by: said("By") ?? "",
  };
}
