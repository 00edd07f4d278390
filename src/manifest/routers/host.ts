import type { Name } from "../../core/names.ts";
import type { Destination } from "../../core/state.ts";

// The domain that clusters have unless somebody chose another, by its parts.
const DOMAINS: ReadonlySet<string> = new Set(["", "svc", "svc.cluster.local"]);

/** Whether a host that an object in the namespace `home` names is the Service of a namespace: `name`, `name.ns`, `name.ns.svc`, or with the cluster's usual domain. */
export function isHostOf(host: string, home: string, service: Name, namespace: Name): boolean {
  const [name, own = home, ...domain] = host.split(".");
  return name === service && own === namespace && DOMAINS.has(domain.join("."));
}

/** A destination as refusals name it. */
export function destinationName({ host, subset }: Destination): string {
  return subset === undefined ? host : `${host} (subset ${subset})`;
}
