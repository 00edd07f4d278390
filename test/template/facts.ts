import { name } from "../../src/core/names.ts";
import { shippedTemplates } from "../../src/operator/shipped-templates.ts";
import { libraryOf, type Library } from "../../src/template/library.ts";
import type { Template, TemplateFacts } from "../../src/template/model.ts";

/** A service that nothing routes yet. */
export const FACTS: TemplateFacts = {
  service: name("checkout"),
  namespace: name("shop"),
  target: name("prod"),
  port: { name: "http", number: 80 },
  services: { stable: name("checkout"), canary: name("checkout-canary") },
  workloads: { stable: name("checkout"), canary: name("checkout-canary") },
  selectors: { stable: { app: "checkout" }, canary: { app: "checkout-canary" } },
  replicas: 4,
  route: name("checkout"),
  isRouted: false,
};

export function shipped(): Library {
  return libraryOf(shippedTemplates(), []);
}

/** A template of a repository's own, by its text, beside Tidegate's. */
export function own(text: string, called = "own"): Library {
  return libraryOf(shippedTemplates(), [file(called, text)]);
}

export function file(called: string, text: string): { readonly path: string; readonly text: string } {
  return { path: `.tidegate/templates/${called}/template.yaml`, text };
}

export function templateIn({ templates, problems }: Library, called: string): Template {
  const found = templates.get(called);
  if (found === undefined) throw new Error(JSON.stringify(problems));
  return found;
}
