import type { Data } from "../data.ts";
import type { Built } from "./object.ts";
import { at, isMapping, itemsOf, textAt, type Values } from "./value.ts";

const GENERATORS: readonly (readonly [key: string, kind: string])[] = [
  ["configMapGenerator", "ConfigMap"],
  ["secretGenerator", "Secret"],
];

/** The ConfigMaps and Secrets that a kustomization generates; without the hashes in their names. */
export function generated(said: Values, path: string, text: (name: string) => string | undefined): readonly Built[] {
  return GENERATORS.flatMap(([key, kind]) =>
    itemsOf(said[key]).flatMap((generator): readonly Built[] => {
      const [name, behavior] = [textAt(generator, "name"), textAt(generator, "behavior")];
      // One that changes another's data makes no object of its own.
      if (name === undefined || (behavior !== undefined && behavior !== "create")) return [];
      const namespace = textAt(generator, "namespace");
      const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
      return [
        { value: { apiVersion: "v1", kind, metadata, data: dataIn(generator, text) }, before: [], path, line: 1 },
      ];
    }),
  );
}

function dataIn(generator: Data, text: (name: string) => string | undefined): Values {
  const env = textAt(generator, "env");
  const envs = [...textsOf(at(generator, "envs")), ...(env === undefined ? [] : [env])];
  const lines = [...envs.flatMap((name) => (text(name) ?? "").split(/\r?\n/)), ...textsOf(at(generator, "literals"))];
  const pairs = lines.flatMap((line): readonly (readonly [string, string])[] => {
    const [, key, value = ""] = /^\s*([\w.-]+)=(.*)$/.exec(line) ?? [];
    return key === undefined ? [] : [[key, value.replace(/^(["'])(.*)\1$/, "$2")]];
  });
  const files = textsOf(at(generator, "files")).map((entry): readonly [string, string] => {
    const name = entry.slice(entry.indexOf("=") + 1);
    const key = entry.includes("=") ? entry.slice(0, entry.indexOf("=")) : name.slice(name.lastIndexOf("/") + 1);
    return [key, text(name) ?? ""];
  });
  return Object.fromEntries([...files, ...pairs]);
}

function textsOf(data: Data | undefined): readonly string[] {
  return itemsOf(data).flatMap((item) => (typeof item === "string" ? [item] : []));
}

/** Whether an object is read by kustomize and left out of what it gives. */
export function isLocal({ value }: Built): boolean {
  const annotations = at(value, "metadata", "annotations");
  return isMapping(annotations) && annotations["config.kubernetes.io/local-config"] !== undefined;
}
