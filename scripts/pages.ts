import { commandsPage } from "./commands-page.ts";
import type { Page } from "./page.ts";

/** Every generated page, each with the path that it stands at. */
export function pages(): readonly Page[] {
  return [commandsPage()];
}
