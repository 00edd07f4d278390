import { appManifest, permissionsPage } from "./app-pages.ts";
import { commandsPage } from "./commands-page.ts";
import { configurationPage } from "./configuration-page.ts";
import { dataPlanesPage } from "./data-planes-page.ts";
import { environmentPage } from "./environment-page.ts";
import { lintPage } from "./lint-page.ts";
import { metricsPage } from "./metrics-page.ts";
import type { Page } from "./page.ts";
import { peoplePage } from "./people-page.ts";
import { routersPage } from "./routers-page.ts";
import { sharedPage } from "./shared-page.ts";
import { schemas } from "./schemas.ts";
import { templatePages, templatesPage } from "./templates-page.ts";

/** Every generated page, each with the path that it stands at. */
export function pages(): readonly Page[] {
  return [
    commandsPage(),
    configurationPage(),
    dataPlanesPage(),
    environmentPage(),
    lintPage(),
    metricsPage(),
    peoplePage(),
    routersPage(),
    sharedPage(),
    templatesPage(),
    ...templatePages(),
    permissionsPage(),
    appManifest(),
    ...schemas(),
  ];
}
