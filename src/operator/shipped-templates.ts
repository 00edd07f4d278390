import { readdirSync, readFileSync } from "node:fs";

const ROOT = new URL("../../", import.meta.url);

/** The templates that come with Tidegate: `templates/<name>/template.yaml`, in the order of their names. */
export function shippedTemplates(): readonly { readonly path: string; readonly text: string }[] {
  const folders = readdirSync(new URL("templates/", ROOT), { withFileTypes: true }).filter((one) => one.isDirectory());
  return folders
    .map(({ name }) => name)
    .toSorted()
    .map((name) => `templates/${name}/template.yaml`)
    .map((path) => ({ path, text: readFileSync(new URL(path, ROOT), "utf8") }));
}
