/** Which servers configuration may name. Each entry is `host` or `host:port`, for https, or an origin with its scheme, such as `http://10.0.0.7:9090`. */
export type AllowedHosts = readonly string[];

const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Why an address may not be asked; undefined where it may. On the operator's own machine http is as good as https. */
export function hostProblem(address: string, allowed: AllowedHosts): string | undefined {
  if (!URL.canParse(address)) return "must be an address such as https://prometheus.example.com";
  const url = new URL(address);
  if (url.username !== "" || url.password !== "") return "must hold no credentials: use headers with a variable";
  if (url.search !== "" || url.hash !== "") return "must have no query and no fragment";
  if (url.protocol !== "https:" && url.protocol !== "http:") return "must begin with https://";
  const origins = new Set(allowed.flatMap(originsOf));
  if (origins.has(url.origin)) return undefined;
  if (origins.has(`https://${url.host}`)) return "must begin with https://";
  return `names the host ${url.host}, which the operator of this Tidegate does not allow`;
}

function originsOf(entry: string): readonly string[] {
  const address = entry.includes("://") ? entry : `https://${entry}`;
  if (!URL.canParse(address)) return [];
  const { origin, hostname } = new URL(address);
  if (entry.includes("://") || !LOOPBACK.has(hostname)) return [origin];
  return [origin, new URL(`http://${entry}`).origin];
}
