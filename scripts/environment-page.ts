import { variables, type Described } from "../src/operator/settings.ts";
import { GENERATED, table, type Page } from "./page.ts";

const HEAD = `What the operator says, Tidegate reads from environment variables, and from a file \`.env\` in the folder where it is started: \`tidegate setup\` writes one, \`--env FILE\` names another. Where both say something, the environment goes. A variable that is empty counts as not set; one that is wrong or missing is told at the start, all of them in one message, and never with its value. A name that looks like a slip in one of these is told too.

Neither the file nor the environment says anything about repositories and services: that is in git ([configuration.md](configuration.md)).`;

const BESIDES = `Secrets are marked 🔒: let nobody else read the file (mode 0600), and give them to containers as mounted secrets or by the platform's own secrets, not in an image.

Where traces go is said by OpenTelemetry's own variables, \`OTEL_…\` ([observability.md](observability.md#traces)).

What configuration names by \`{ env: METRICS_… }\` is read from the environment as well, under any name that begins with \`METRICS_\`, such as \`METRICS_TOKEN\`; what it names by \`{ file: … }\` is a file in \`METRICS_FILES\`. git is run by Tidegate, and takes \`https_proxy\`, \`no_proxy\` and \`SSL_CERT_FILE\` from it. Where an Enterprise Server has certificates of an authority of its own, \`SSL_CERT_FILE\` names them to git and \`NODE_EXTRA_CA_CERTS\` to all else; the latter counts in the environment only, not in \`.env\`.`;

/** The page of the environment: every variable that is read, from the table that reads them. */
export function environmentPage(): Page {
  const rows = variables().map((variable) => [
    nameText(variable),
    meaningText(variable),
    usualText(variable),
    exampleText(variable),
  ]);
  const parts = [
    "# The environment",
    GENERATED,
    HEAD,
    table(["variable", "meaning", "unless it is set", "for example"], rows),
    BESIDES,
  ];
  return { path: "docs/environment.md", text: `${parts.join("\n\n")}\n` };
}

function nameText({ name, secret }: Described): string {
  return `\`${name}\`${secret === true ? " 🔒" : ""}`;
}

function meaningText({ means, from, page }: Described): string {
  const more = page === undefined ? "" : ` ([${page.replace(/#.*/, "")}](${page}))`;
  return `${means}${more}${from === undefined ? "" : `. From: ${from}`}`;
}

function usualText({ isNeeded, usual }: Described): string {
  if (isNeeded) return "**must be set**";
  return usual === undefined || usual === "" ? "" : `\`${usual}\``;
}

function exampleText({ example }: Described): string {
  return example === undefined ? "" : `\`${example}\``;
}
