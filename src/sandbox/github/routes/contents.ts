import { HttpError, notFound } from "../http-error.ts";
import { git } from "../run-git.ts";
import { resolveCommit } from "../repo.ts";
import { param, reading } from "../routing.ts";
import type { Answer, RepoCall, Route } from "../routing.ts";
import type { Published } from "../shapes/published.ts";
import { repoUrl } from "../shapes/repository.ts";

/** Files and folders at a commit. */
export const contentRoutes: readonly Route[] = [
  { kind: "repo", method: "GET", path: "/contents/{path*}", needs: reading("contents"), run: getContents },
  { kind: "repo", method: "GET", path: "/contents", needs: reading("contents"), run: getContents },
];

// beyond this GitHub gives the content only as raw text
const LONGEST_INLINE = 1_000_000;

async function getContents(call: RepoCall): Promise<Answer> {
  const ref = call.url.searchParams.get("ref") ?? call.repo.defaultBranch;
  const sha = await resolveCommit(call.repo.git, ref);
  if (sha === undefined) throw new HttpError(404, `No commit found for the ref ${ref}`);
  const path = call.params.has("path") ? param(call, "path").replace(/\/+$/, "") : "";
  const object = await call.repo.git.objects.read(`${sha}:${path}`);
  if (object === undefined) throw notFound();
  if (object.type === "tree") return { status: 200, body: await folder(call, { sha, ref, path }) };
  if (call.accept.includes("raw"))
    return {
      status: 200,
      body: object.content.toString("utf8"),
      headers: { "content-type": "application/vnd.github.raw+json; charset=utf-8" },
    };
  const { length } = object.content;
  const inline =
    length > LONGEST_INLINE
      ? { encoding: "none", content: "" }
      : { encoding: "base64", content: wrapped(object.content) };
  const entry = entryShape(call, ref, { path, type: "file", sha: object.sha, size: length });
  return { status: 200, body: { ...entry, ...inline } satisfies PublishedFile };
}

type PublishedFile = Extract<Published<"repos", "getContent">, { type: "file" }>;

type Entry<Type> = { readonly path: string; readonly type: Type; readonly sha: string; readonly size: number };

async function folder(
  call: RepoCall,
  { sha, ref, path }: { readonly sha: string; readonly ref: string; readonly path: string },
) {
  const listed = await git(call.repo.git, ["ls-tree", "-z", "--long", `${sha}:${path}`]);
  const entries = listed.split("\0").filter((line) => line !== "");
  return entries.map((line) => {
    const [meta = "", name = ""] = line.split("\t");
    const [, type = "", entrySha = "", size = ""] = meta.split(/ +/);
    const whole = path === "" ? name : `${path}/${name}`;
    return entryShape(call, ref, {
      path: whole,
      type: type === "tree" ? "dir" : "file",
      sha: entrySha,
      size: Number(size) || 0,
    });
  });
}

function entryShape<Type extends "file" | "dir">(
  { store, repo }: RepoCall,
  ref: string,
  { path, type, sha, size }: Entry<Type>,
) {
  const url = `${repoUrl(store, repo)}/contents/${encodeURI(path)}?ref=${encodeURIComponent(ref)}`;
  const git = `${repoUrl(store, repo)}/git/${type === "dir" ? "trees" : "blobs"}/${sha}`;
  const html = `${store.origin}/${repo.fullName}/${type === "dir" ? "tree" : "blob"}/${ref}/${encodeURI(path)}`;
  const name = path.slice(path.lastIndexOf("/") + 1);
  const download = type === "dir" ? null : `${store.origin}/${repo.fullName}/raw/${ref}/${encodeURI(path)}`;
  return {
    type,
    name,
    path,
    sha,
    size,
    url,
    git_url: git,
    html_url: html,
    download_url: download,
    _links: { self: url, git, html },
  };
}

// GitHub breaks base64 after 60 characters
function wrapped(content: Buffer): string {
  return content
    .toString("base64")
    .replace(/(.{60})/g, "$1\n")
    .replace(/\n?$/, "\n");
}
