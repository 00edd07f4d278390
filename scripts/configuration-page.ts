import { PITFALL_RULES } from "../src/config/pitfall-rules.ts";
import { FORMS } from "../src/adapters/metrics/providers/table.ts";
import { explained } from "../src/config/explained.ts";
import { configSchema, type JsonSchema } from "../src/config/json-schema.ts";
import { parseRepoConfig } from "../src/config/repo-config.ts";
import { resolve } from "../src/config/resolve.ts";
import { name } from "../src/core/names.ts";
import { GENERATED, table, type Page } from "./page.ts";

const HEAD = `# The configuration

${GENERATED}

\`.github/tidegate.yml\` on the default branch says how the services of a repository are released. Every key stands below with what may be written, what goes where nothing is, and what it means. Keys that are unknown are refused with what was probably meant, and as long as the file cannot be read no release begins. A pull request that changes it shows in \`tidegate/plan\` what it would make of the services.

\`\`\`
npx tidegate config init                   # a first file for what is found in a checkout; --write writes it
npx tidegate config check                  # what is wrong with it, and what in it nothing goes by
npx tidegate config explain                # waves, steps and bake of each service in each target
npx tidegate config explain checkout/prod  # every key that goes for checkout in prod, and the line that says it
\`\`\`

These read files as they lie on disk, ask nothing over a network, and take \`--json\` (but for \`init\`). Where \`METRICS_HOSTS\` is set, \`check\` refuses other hosts as Tidegate would; where a secret is named that the environment has not, it says so. The repository's own [templates](templates.md) are checked with it. It leaves with 1 where there is a problem; what it warns of and notes is no reason to. Its JSON is \`{version, file, remarks: [{severity, path, line, message, found}]}\`, with \`problem\`, \`warning\` or \`note\` and the line that it is about; that of \`explain\` is \`{version, file, members: [{service, target, effective: [{key, text, line}]}]}\`, without \`line\` where nobody said it, with \`path\` where another file did, and with \`refused\`, the reason, for \`effective\` where no release begins.

Editors complete and check the file by [schemas/tidegate.schema.json](../schemas/tidegate.schema.json): its first line names the schema, \`# yaml-language-server: $schema=tidegate.schema.json\` the one that \`config init --write\` puts beside it. There are schemas of [what repositories extend](../schemas/tidegate-org.schema.json), of [state files](../schemas/state.schema.json) and of [files of windows](../schemas/gate.schema.json) as well. What does not go together, a schema cannot say: that is for \`config check\`.

Durations are text such as \`500ms\`, \`90s\`, \`10m\` or \`2h\`; names are of lower-case letters, digits and dashes. \`[]\` stands for each of a list, \`*\` for a name of your own.`;

const TAIL = `\`services[].gates\` takes \`warmUp\`, \`errors\`, \`latency\`, \`gauges\` and \`seasonal\` as \`gates\` does. What other providers than Prometheus take is on [metrics-providers.md](metrics-providers.md); how the gates judge, on [gates.md](gates.md); what \`extends\` does, on [shared-configuration.md](shared-configuration.md).`;

/** Every key of the configuration: what may be written, what goes unless it is, and what it means. */
export function configurationPage(): Page {
  const usual = usualTexts();
  const rows = keysIn(configSchema(FORMS), "").map(({ key, schema, isNeeded }) => [
    `\`${key}\``,
    typeText(schema),
    isNeeded || key === "metrics" ? neededText(key) : usualText(key, schema, usual),
    schema.description ?? "",
  ]);
  return {
    path: "docs/configuration.md",
    text: `${HEAD}\n\n${table(["key", "what may be written", "unless it is", "meaning"], rows)}\n\n${TAIL}\n`,
  };
}

function neededText(key: string): string {
  return key === "metrics" ? "must be written, here or in what is extended" : "must be written";
}

type Key = { readonly key: string; readonly schema: JsonSchema; readonly isNeeded: boolean };

/** Keys of other providers, and those that are said once for all services, are left to the text. */
const ELSEWHERE = /^metrics\.\*\.(?!prometheus\b)|^services\[\]\.gates\.|\.(?:env|file)$/;

/** Every key of a schema that is not said elsewhere, below a path. */
export function keysIn({ properties = {}, required = [], ...schema }: JsonSchema, path: string): readonly Key[] {
  const own = Object.entries(properties).flatMap(([key, part]): readonly Key[] => {
    const at = path === "" ? key : `${path}.${key}`;
    if (typeof part !== "object" || ELSEWHERE.test(at)) return [];
    return [{ key: at, schema: part, isNeeded: required.includes(key) }, ...keysIn(part, at)];
  });
  const { items, additionalProperties, anyOf = [] } = schema;
  const below = (part: unknown, at: string): readonly Key[] => (isSchema(part) ? keysIn(part, at) : []);
  return [
    ...own,
    ...below(items, `${path}[]`),
    ...below(additionalProperties, `${path}.*`),
    ...anyOf.flatMap((part) => keysIn(part, path)),
  ];
}

function isSchema(part: unknown): part is JsonSchema {
  return typeof part === "object" && part !== null && !Array.isArray(part);
}

/** What may be written under a key, in words. */
export function typeText(schema: JsonSchema): string {
  const { const: only, enum: values, anyOf, pattern, items } = schema;
  if (only !== undefined) return code(only);
  if (values !== undefined) return values.map(code).join(", ");
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeText))].join(" or ");
  if (isSchema(items) && String(items.enum) === String(PITFALL_RULES)) return "a list of rules of [lint.md](lint.md)";
  if (schema.type === "array") return `a list of ${isSchema(items) ? several(typeText(items)) : "anything"}`;
  if (schema.type === "object") return "a mapping";
  if (schema.type === "boolean") return "`true`, `false`";
  if (schema.type === "string") return patternText(pattern);
  return numberText(schema);
}

/** "a whole number from 1" of several. */
function several(type: string): string {
  if (type === "text") return "texts";
  return type.replace(/^a ((?:whole )?\w+)/, "$1s");
}

function patternText(pattern: string | undefined): string {
  if (pattern?.includes("ms|s|m|h") === true) return "a duration";
  return pattern?.endsWith("%$") === true ? "a share such as `10%`" : "text";
}

function numberText({ type, minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const bounds = [
    ...(minimum === undefined ? [] : [`from ${minimum}`]),
    ...(typeof exclusiveMinimum === "number" ? [`above ${exclusiveMinimum}`] : []),
    ...(maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? [] : [`up to ${maximum}`]),
    ...(typeof exclusiveMaximum === "number" ? [`below ${exclusiveMaximum}`] : []),
  ];
  return [type === "integer" ? "a whole number" : "a number", ...bounds].join(" ");
}

function code(value: unknown): string {
  return `\`${String(value)}\``;
}

/** What is in effect by a file that says nothing, by key: what releases would go by, not what somebody wrote down. */
function usualTexts(): ReadonlyMap<string, string> {
  const host = "prometheus.example.com";
  const text = `version: 1\nmetrics: { main: { prometheus: { url: "https://${host}" } } }\n`;
  const written = parseRepoConfig({ path: "tidegate.yml", text });
  if (written.kind === "err") throw new Error("The least configuration is not understood.");
  const settings = resolve(written.value, { hosts: [host], forms: FORMS });
  if (settings.kind === "err") throw new Error("The least configuration means nothing.");
  const rows = explained(written.value, settings.value, { service: name("any"), target: name("any"), paths: [] });
  if (rows.kind === "err") throw new Error("The least configuration goes for nothing.");
  return new Map(rows.value.map(({ key, text: said }) => [key, said]));
}

function usualText(key: string, schema: JsonSchema, usual: ReadonlyMap<string, string>): string {
  const said = usual.get(key.replace(/^(?:waves|targets)\[\]\./, ""));
  const isShare = key.endsWith(".part");
  if (said !== undefined && !/^(?:metrics|targets\[\]\.metrics|commands)$/.test(key))
    return isShare ? (said.split(",")[0] ?? said) : said;
  const { default: otherwise } = schema;
  if (otherwise === undefined || typeof otherwise === "object")
    return Array.isArray(otherwise) && otherwise.length > 0 ? otherwise.map(code).join(", ") : "";
  return code(otherwise);
}
