import type { SiteKind } from "./site.ts";

/** What a file is by its path: how it is written, and what a bare `tag` in it is worth. */
export type Form = {
  readonly format: "yaml" | "env" | "chart" | "none";
  readonly kind: SiteKind;
  readonly trust: "values" | "manifest";
};

const NONE: Form = { format: "none", kind: "custom", trust: "manifest" };

/** The form of the file at a path. */
export function formOf(path: string): Form {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (isOwnTooling(path, name)) return NONE;
  if (/^\.env(?:\..+)?$|^[^.].*\.env$|^env$/i.test(name)) return { format: "env", kind: "env", trust: "values" };
  if (/^Chart\.ya?ml$/.test(name)) return { format: "chart", kind: "chart", trust: "manifest" };
  if (!/^[^.]*$|\.(?:ya?ml|json)(?:\.\w+)?$|\.(?:tpl|tmpl|gotmpl|j2)$|^\.[^.]*$/i.test(name)) return NONE;
  return { format: "yaml", ...kindOf(path, name) };
}

function kindOf(path: string, name: string): Pick<Form, "kind" | "trust"> {
  if (/^kustomization(?:\.ya?ml)?$/i.test(name)) return { kind: "kustomization", trust: "manifest" };
  if (/^(?:docker-)?compose\b[^/]*\.ya?ml$|\bcompose\.ya?ml$/i.test(name))
    return { kind: "compose", trust: "manifest" };
  if (/values/i.test(name) && !/\/templates\//.test(path)) return { kind: "values", trust: "values" };
  if (name.startsWith(".argocd-source")) return { kind: "argo-app", trust: "values" };
  if (/patch/i.test(name)) return { kind: "patch", trust: "manifest" };
  if (/(?:^|\/)templates\//.test(path)) return { kind: "template", trust: "manifest" };
  return { kind: "custom", trust: "manifest" };
}

// Continuous integration and the repository's own tools: what they run is no service. Other hidden folders are read, such as one for what is put aside.
const TOOLING =
  /^(?:\.gitlab-ci|\.travis|\.drone|\.woodpecker|\.pre-commit-config|\.appveyor|\.golangci|azure-pipelines|bitbucket-pipelines|cloudbuild|buildspec|codefresh|Taskfile|\.devcontainer)\b.*\.(?:ya?ml|json)$/i;
const TOOLS =
  /^\.(?:git.*|gitea|forgejo|circleci|buildkite|tekton|drone|woodpecker|travis|semaphore|azure.*|pipelines?|(?:.*-)?ci|cloudbuild|kokoro|prow|devcontainer|vscode|idea|task(?:s|files?)?|husky|hooks)$/i;
const GITOPS = /^\.gitops/i;

function isOwnTooling(path: string, name: string): boolean {
  if (TOOLING.test(name)) return true;
  const top = path.slice(0, Math.max(0, path.indexOf("/")));
  return TOOLS.test(top) && !GITOPS.test(top);
}
