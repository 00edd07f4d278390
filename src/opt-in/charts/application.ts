import { isName, type Name } from "../../core/names.ts";
import { valuesIn } from "../../manifest/chart/values.ts";
import type { Data } from "../../manifest/data.ts";
import { objectsOf, type Read } from "../../manifest/kustomize/evaluate.ts";
import { kindOf, nameOf, type Built } from "../../manifest/kustomize/object.ts";
import { at, isMapping, itemsOf, textAt, withAt, type Values } from "../../manifest/kustomize/value.ts";
import { isRemote, resolvePath, within } from "../../manifest/services/paths.ts";
import { Refused } from "../../yaml/refusal.ts";
import { plainTexts, refuseAt, valuesOf, type Release } from "./release.ts";

/** An Application by its file and name. */
export function applicationIn(read: Read, path: string, name: string): Built | undefined {
  return objectsOf(read, path).objects.find((object) => kindOf(object) === "Application" && nameOf(object) === name);
}

/** The release of an Application as it stands in its file by now. Throws Refused. */
export function releaseByArgo(read: Read, application: Built): Release {
  return releaseIn(read, applicationIn(read, application.path, nameOf(application)) ?? application).release;
}

type Sourced = { readonly source: Values; readonly path: readonly (string | number)[] };

/** The source that has the chart; what others have would be delivered a second time. */
export function chartSource(application: Built): Sourced {
  const spec = at(application.value, "spec");
  const one = at(spec, "source");
  const all =
    one === undefined
      ? itemsOf(at(spec, "sources")).map((source, index) => ({ source, path: ["spec", "sources", index] }))
      : [{ source: one, path: ["spec", "source"] }];
  const [own, second] = all.filter(
    ({ source }) => at(source, "path") !== undefined || at(source, "chart") !== undefined,
  );
  if (own === undefined || !isMapping(own.source))
    return refuseAt(application, "no source with a chart", "what it delivers is not known");
  if (second !== undefined)
    return refuseAt(application, "several sources", "a second Application would bring what the others have once more");
  if (own.source["chart"] !== undefined)
    return refuseAt(
      application,
      `the chart ${textAt(own.source, "chart")}`,
      "it lies in another place, and nothing here tells whether it can run twice side by side",
    );
  return { source: own.source, path: own.path };
}

const OTHER_TOOLS = ["kustomize", "plugin", "directory"];
const UNREAD = ["fileParameters"];

/** What an Application says of its release. */
type Said = { readonly release: Release; readonly inline: Values };

export function releaseIn(read: Read, application: Built): Said {
  const { source } = chartSource(application);
  const other = OTHER_TOOLS.find((key) => source[key] !== undefined);
  if (other !== undefined)
    refuseAt(application, `${other} beside the chart`, "what it makes of the chart is not known here");
  const helm = source["helm"];
  const unread = UNREAD.find((key) => at(helm, key) !== undefined);
  if (unread !== undefined) refuseAt(application, `helm.${unread}`, "what it says is not known here");
  const chart = resolvePath("", textAt(source, "path") ?? "");
  if (chart === undefined || read(within(chart, "Chart.yaml")) === undefined)
    return refuseAt(application, "its chart", "it is not in this repository");
  const files = plainTexts(application, at(helm, "valueFiles")).map((name) => fileFor(application, chart, name));
  const inline = inlineOf(application, helm);
  return {
    release: {
      chart,
      name: textAt(helm, "releaseName") ?? nameOf(application),
      namespace: namespaceOf(application),
      files,
      values: [...valuesOf(read, application, files), inline],
    },
    inline,
  };
}

function namespaceOf(application: Built): Name {
  const text = textAt(application.value, "spec", "destination", "namespace");
  return isName(text) ? text : refuseAt(application, "no namespace", "the Application says where the release is");
}

/** `$ref/…` is a file from the root of another source, which is taken to be this repository. */
export function fileFor(application: Built, chart: string, name: string): string {
  const path = isRemote(name)
    ? undefined
    : name.startsWith("$")
      ? resolvePath("", name.slice(name.indexOf("/") + 1))
      : resolvePath(chart, name);
  return path ?? refuseAt(application, `the values ${name}`, "they are not in this repository");
}

/** The values of the Application itself: `values`, over them `valuesObject`, over them `parameters`. */
function inlineOf(application: Built, helm: Data | undefined): Values {
  const text = textAt(helm, "values");
  const object = at(helm, "valuesObject");
  // Argo CD leaves `values` aside where `valuesObject` is there.
  const base = isMapping(object) ? object : text === undefined ? {} : parsedValues(application, text);
  return itemsOf(at(helm, "parameters")).reduce<Values>(
    (values, parameter) => withParameter(application, values, parameter),
    base,
  );
}

function parsedValues(application: Built, text: string): Values {
  const values = valuesIn({ path: application.path, text });
  if (values.kind === "err") throw new Refused(values.error);
  return values.value;
}

function withParameter(application: Built, values: Values, parameter: Data): Values {
  const [name = "", value = ""] = [textAt(parameter, "name"), textAt(parameter, "value")];
  const isText = at(parameter, "forceString") === true;
  if (!/^[\w-]+(?:\.[\w-]+)*$/.test(name) || /[{},\\$]/.test(value))
    return refuseAt(application, `the parameter ${name}`, "what it sets is not read here");
  const next = withAt(values, name.split("."), isText ? value : typed(value));
  return isMapping(next) ? next : values;
}

// As `helm --set` takes it.
function typed(value: string): Data {
  if (value === "true" || value === "false") return value === "true";
  if (value === "null") return null;
  return /^(?:0|-?[1-9]\d{0,8})$/.test(value) ? Number(value) : value;
}
