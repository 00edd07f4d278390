import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** What a remote was asked, and a way to make it fail. */
export type SmartHttp = {
  readonly url: string;
  readonly requests: readonly { readonly url: string; readonly authorization: string | undefined }[];
  readonly close: () => Promise<void>;
};

/** `before` may answer itself (true: it did); `lost` drops the connection after the repository has been changed. */
export type Faults = {
  readonly before?: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly lost?: (request: IncomingMessage) => boolean;
};

/** Git's smart HTTP over bare repositories under a root, on loopback. */
export async function serveGit(root: string, { before, lost }: Faults = {}): Promise<SmartHttp> {
  const requests: { url: string; authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    requests.push({ url: request.url ?? "", authorization: request.headers.authorization });
    if (before?.(request, response) === true) return;
    const backend = spawn("git", ["http-backend"], { env: { PATH: process.env["PATH"], ...cgi(root, request) } });
    const output: Buffer[] = [];
    backend.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    backend.on("close", () =>
      lost?.(request) === true ? request.socket.destroy() : answer(response, Buffer.concat(output)),
    );
    request.pipe(backend.stdin);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function cgi(root: string, request: IncomingMessage): Record<string, string> {
  const { pathname, search } = new URL(request.url ?? "/", "http://127.0.0.1");
  return {
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: "1",
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "http.receivepack",
    GIT_CONFIG_VALUE_0: "true",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
    PATH_INFO: pathname,
    QUERY_STRING: search.slice(1),
    REQUEST_METHOD: request.method ?? "GET",
    CONTENT_TYPE: request.headers["content-type"] ?? "",
    HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
    ...(request.headers["content-length"] === undefined ? {} : { CONTENT_LENGTH: request.headers["content-length"] }),
  };
}

function answer(response: ServerResponse, output: Buffer): void {
  const end = output.indexOf("\r\n\r\n");
  const headers = output
    .toString("latin1", 0, end)
    .split("\r\n")
    .map((line) => line.split(": "));
  const status = Number(headers.find(([name]) => name === "Status")?.[1]?.slice(0, 3) ?? 200);
  response.writeHead(
    status,
    Object.fromEntries(headers.filter(([name]) => name !== "Status").map(([name = "", value = ""]) => [name, value])),
  );
  response.end(output.subarray(end + 4));
}
