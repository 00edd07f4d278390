import type { Checkout } from "./checkout.ts";
import type { Terminal } from "./command-line.ts";
import { explainConfig, explainedText } from "./config-explain.ts";
import type { Repository } from "./opting.ts";
import { durationText } from "../config/duration.ts";
import { UserError } from "../core/error.ts";
import { printedPlan } from "../opt-in/plan.ts";
import type { Conversion } from "../opt-in/model.ts";
import { metricsSettingsOf } from "../operator/settings.ts";
import { operatorOf } from "../operator/operator.ts";
import { CONFIG_PATH } from "../reconcile/readings.ts";

/** How releases would go: what configuration makes go for the service, and the lines to add for what the template proposes. */
export function planText(
  { checkout, config }: Repository,
  { service, files, plan, template, targets, standing }: Conversion,
  { environment }: Terminal,
): string {
  const proposed = printedPlan(service, plan, durationText);
  const lines =
    proposed === undefined
      ? ""
      : `${standing.length > 0 ? "What stood there, and else the template" : "The template"} ${template} proposes, as lines of ${CONFIG_PATH}:\n\n${proposed}\n`;
  if (config === undefined)
    return `How releases would go: there is no ${CONFIG_PATH} yet; tidegate config init proposes one.\n\n${lines}`;
  const paths = new Set([...checkout.listing.keys(), ...files.keys()]);
  const after: Checkout = {
    listing: new Map(
      [...paths].filter((path) => !files.has(path) || files.get(path) !== undefined).map((path) => [path, path]),
    ),
    links: checkout.links,
    text: (path) => (files.has(path) ? files.get(path) : checkout.text(path)),
  };
  try {
    const operator = operatorOf(metricsSettingsOf(environment), environment);
    const all = explainConfig(config, { checkout: after, operator, shared: undefined }, service);
    const own = all.filter(({ target }) => targets.includes(target));
    return `How releases would go:\n\n${own.map((one) => explainedText(config.path, one)).join("\n")}\n${lines}`;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return `How releases would go is not known: ${error.message}\n\n${lines}`;
  }
}
