import type { Name } from "../../core/names.ts";
import type { Destination } from "../../core/state.ts";
import type { RouteOf } from "./router.ts";

/** A Service as a host of the mesh names it. */
export type ServiceHost = { readonly name: string; readonly namespace: string };

// The domain that clusters have unless somebody chose another.
const DOMAIN = ["svc", "cluster", "local"];

/** The Service that a host means, written in an object of `namespace`: `name`, `name.ns`, `name.ns.svc` or with the cluster's usual domain; undefined for any other host. */
export function serviceAt(host: string, namespace: string): ServiceHost | undefined {
  const [name = "", own = namespace, ...domain] = host.split(".");
  const isService = domain.length === 0 || domain.join(".") === DOMAIN.slice(0, domain.length).join(".");
  return isService && domain.length !== 2 && name !== "" && own !== "" ? { name, namespace: own } : undefined;
}

/** Whether a host of an object in `home` is the Service of that name in the member's namespace. */
export function isHostOf(host: string, home: string, name: Name, { namespace }: Pick<RouteOf, "namespace">): boolean {
  const service = serviceAt(host, home);
  return service?.name === name && service.namespace === namespace;
}

/** A destination as refusals name it. */
export function destinationName({ host, subset }: Destination): string {
  return subset === undefined ? host : `${host} (subset ${subset})`;
}
