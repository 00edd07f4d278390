import { meant } from "./command-line.ts";
import type { Repository } from "./opting.ts";
import { libraryIn } from "./templates.ts";
import { ok, type Result } from "../core/result.ts";
import { UserError } from "../core/error.ts";
import type { Refused, Wish } from "../opt-in/model.ts";
import { templatesFor, WHY_CHOOSE } from "../opt-in/choice.ts";
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
  const choice = templatesFor(repository.ground, wish, templates.values());
  if (choice.kind === "err") return choice;
  const { kind, templates: few } = choice.value;
  const [only, second] = few;
  if (kind === "fitting" && only !== undefined && second === undefined) return ok(only);
  const lines = few.map(({ name, title }) => `  --template ${name}: ${title}`);
  throw new UserError([`Which template? ${wish.service}: ${WHY_CHOOSE[kind]}.`, ...lines].join("\n"));
}
