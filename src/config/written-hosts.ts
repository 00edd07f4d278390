import type { ProviderForms } from "../core/provider-form.ts";
import { peekText } from "../yaml/look.ts";
import type { WrittenConfig } from "./repo-config.ts";

/** An address that a provider is asked at, and what says so. */
export type WrittenHost = { readonly at: readonly string[]; readonly origin: string };

/** The origins of the providers, the usual ones of those that are written without an address; what is no address is left to what reads it. */
export function hostsIn({ file, config }: WrittenConfig, forms: ProviderForms): readonly WrittenHost[] {
  return Object.entries(config.metrics).flatMap(([name, entry]) =>
    Object.keys(entry).flatMap((kind): readonly WrittenHost[] => {
      const at = ["metrics", name, kind];
      const written = peekText(file.tree, [...at, "url"]);
      const address = written ?? (Object.hasOwn(forms, kind) ? forms[kind]?.url : undefined);
      if (address === undefined || !URL.canParse(address)) return [];
      return [{ at: written === undefined ? at : [...at, "url"], origin: new URL(address).origin }];
    }),
  );
}
