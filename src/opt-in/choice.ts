import { ok, type Result } from "../core/result.ts";
import type { Template } from "../template/model.ts";
import type { Ground, Refused, Wish } from "./model.ts";
import { routersFound } from "./opt-in.ts";

/** Templates that a service may be opted in on: those for a kind of route that it has, or else all that make a route of their own. */
export type Choice = { readonly kind: "fitting" | "unrouted"; readonly templates: readonly Template[] };

/** The templates to choose from for a service, in the order of the library. */
export function templatesFor(
  ground: Ground,
  wish: Omit<Wish, "template">,
  templates: Iterable<Template>,
): Result<Choice, readonly Refused[]> {
  const routers = routersFound(ground, wish);
  if (routers.kind === "err") return routers;
  const driving = [...templates].filter(({ drive }) => drive.kind === "route");
  const fitting = driving.filter(({ drive: { router } }) => router !== undefined && routers.value.includes(router));
  return ok(fitting.length > 0 ? { kind: "fitting", templates: fitting } : { kind: "unrouted", templates: driving });
}
