import { durationText } from "../config/duration.ts";
import { problemText, type Problem } from "../config/document.ts";
import { shown } from "../manifest/services/table.ts";
import { columns } from "../render/columns.ts";
import { wrapped } from "../render/wrap.ts";
import { isOwnTemplate, type Library } from "../template/library.ts";
import type { Drive, Template } from "../template/model.ts";
import { formText } from "../template/parameters.ts";
import { conditionText, driveText, kindText, planText, usualText } from "../template/words.ts";

/** All templates in two lists, and what is wrong with those that cannot be used. */
export function libraryText({ templates, problems }: Library): string {
  const all = [...templates.values()];
  const parts = [
    listText(
      "Tidegate's:",
      all.filter((one) => !isOwn(one)),
    ),
    listText("This repository's:", all.filter(isOwn)),
    problemsText(problems),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function listText(head: string, templates: readonly Template[]): string {
  const rows = templates.map(({ name, title }) => [name, title]);
  return rows.length === 0 ? "" : `${head}\n${columns(rows, TEXTS)}`;
}

function problemsText(problems: readonly Problem[]): string {
  return problems.length === 0
    ? ""
    : `Not to be used as they are:\n${problems.map((one) => `  ${shown(problemText(one))}`).join("\n")}`;
}

const TEXTS = [0, 1];

function isOwn({ files }: Template): boolean {
  return isOwnTemplate(files[0] ?? "");
}

/** One template, with what may be said of a service that goes by it. */
export function templateText(template: Template, width: number): string {
  const { name, title, summary, drive, objects, parameters, files } = template;
  const facts = columns(
    [
      ["traffic", driveText(drive)],
      ...objects.map((one, at) => [at === 0 ? "adds" : "", `${one.file}: ${kindText(one)}, ${conditionText(one)}`]),
      ["plan", planText(template.plan)],
      ...files.map((file, at) => [at === 0 ? "files" : "", file]),
    ],
    TEXTS,
  );
  const told = parameters.map(
    (one) => `  ${one.name}: ${formText(one)}; unless given: ${usualText(one)}\n${wrapped(one.help, "    ", width)}`,
  );
  const parts = [
    `${name}: ${title}\n${wrapped(summary, "  ", width)}`,
    facts,
    ...(told.length === 0 ? [] : [`Parameters:\n\n${told.join("\n")}`]),
  ];
  return parts.join("\n\n");
}

/** The templates as they go into JSON. */
export function templatesDocument(templates: readonly Template[], problems: readonly Problem[]): object {
  return { version: 1, templates: templates.map(document), problems };
}

function document(template: Template): object {
  const { name, title, summary, parameters, drive, objects, plan, files } = template;
  return {
    name,
    origin: isOwn(template) ? "repository" : "tidegate",
    title,
    summary,
    drive: driveDocument(drive),
    parameters: parameters.map(({ name: called, type, help, default: usual, choices, range }) => ({
      name: called,
      type,
      help,
      ...(usual.kind === "value" && { default: usual.value }),
      required: usual.kind === "required",
      choices,
      ...(range !== undefined && { least: finite(range.least), most: finite(range.most) }),
    })),
    objects: objects.map((one) => ({ file: one.file, kind: kindText(one), unless: one.unless, when: one.when })),
    plan: { ...plan, bake: plan.bake === undefined ? undefined : durationText(plan.bake) },
    files,
  };
}

/** As a template writes it. */
function driveDocument(drive: Drive): object {
  if (drive.kind === "route") return { route: drive.router };
  if (drive.kind === "canary") return { canary: "flagger" };
  return { rollout: drive.strategy === "blueGreen" ? "blue-green" : (drive.router ?? "pods") };
}

// JSON has no word for what has no end.
function finite(bound: number): number | undefined {
  return Number.isFinite(bound) ? bound : undefined;
}
