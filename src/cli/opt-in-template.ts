import { meant } from "./command-line.ts";
import type { Repository } from "./opting.ts";
import { libraryIn } from "./templates.ts";
import { err, ok, type Result } from "../core/result.ts";
import { UserError } from "../core/error.ts";
import type { Refused, Wish } from "../opt-in/model.ts";
import { routersFound } from "../opt-in/opt-in.ts";
import type { Template } from "../template/model.ts";

export type Asked = Omit<Wish, "template"> & { readonly named: string | undefined };

/** The template that is named, else the only one for the kind of route that the service has. Throws a UserError that lists those to choose from. */
export function chosenTemplate(
  repository: Repository,
  { named, ...wish }: Asked,
): Result<Template, readonly Refused[]> {
  const { templates } = libraryIn(repository.checkout);
  if (named !== undefined) {
    const found = templates.get(named);
    if (found !== undefined) return ok(found);
    throw new UserError(`There is no template ${named} that can be used.${meant(named, [...templates.keys()])}`);
  }
  const routers = routersFound(repository.ground, wish);
  if (routers.kind === "err") return err(routers.error);
  const driving = [...templates.values()].filter(({ drive }) => drive.kind === "route");
  const fitting = driving.filter(({ drive: { router } }) => router !== undefined && routers.value.includes(router));
  const [only, second] = fitting;
  if (only !== undefined && second === undefined) return ok(only);
  const [few, why] =
    only === undefined ? [driving, "it has no route that says which"] : [fitting, "several fit the route that it has"];
  const lines = few.map(({ name, title }) => `  --template ${name}: ${title}`);
  throw new UserError([`Which template? ${wish.service}: ${why}.`, ...lines].join("\n"));
}
