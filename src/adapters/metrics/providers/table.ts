import type { ProviderForms } from "../../../core/provider-form.ts";
import { cloudWatch } from "./cloud-watch.ts";
import { datadog } from "./datadog.ts";
import { newRelic } from "./new-relic.ts";
import type { CountingProvider } from "./source.ts";
import { web } from "./web.ts";

/** Every provider that is asked for counts, by the key that stands in configuration; one more is one more line. */
export const PROVIDERS: Readonly<Record<string, CountingProvider>> = { datadog, newRelic, cloudWatch, web };

/** What configuration may say of each. */
export const FORMS: ProviderForms = Object.fromEntries(Object.entries(PROVIDERS).map(([key, { form }]) => [key, form]));
