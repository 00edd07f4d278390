import type { Name } from "../../core/names.ts";
import { isHostOf } from "./host.ts";

/** Whom a name may mean: a Service of a namespace; `home` is the namespace that a short name means. */
export type Meant = { readonly service: Name; readonly namespace: Name; readonly home: string };

/** How a kind of route spells the name of a Service. */
export type NameForm = {
  readonly is: (written: string, of: Meant) => boolean;
  /** The same spelling of another one beside it. */
  readonly as: (written: string, from: Name, to: Name) => string;
};

/** The name itself, of a Service of its namespace. */
export const PLAIN: NameForm = {
  is: (written, { service, namespace, home }) => written === service && home === namespace,
  as: (_, __, to) => to,
};

/** A host: `name`, `name.ns`, `name.ns.svc`, or with the cluster's usual domain. */
export const HOST: NameForm = {
  is: (written, { service, namespace, home }) => isHostOf(written, home, service, namespace),
  as: (written, from, to) => to + written.slice(from.length),
};

/** Kuma's tag `kuma.io/service`: `name_ns_svc_port` of Services in Kubernetes, the name itself elsewhere. */
export const TAG: NameForm = {
  is: (written, { service, namespace }) => {
    const beginning = `${service}_${namespace}_svc`;
    if (written === service || written === beginning) return true;
    return written.startsWith(`${beginning}_`) && /^\d+$/.test(written.slice(beginning.length + 1));
  },
  as: (written, from, to) => to + written.slice(from.length),
};

/** An Upstream of Gloo: `ns-name-port` where Gloo has found the Service by itself, else by its own name. */
export const UPSTREAM: NameForm = {
  is: (written, { service, namespace, home }) => {
    const beginning = `${namespace}-${service}-`;
    const isFound = written.startsWith(beginning) && /^\d+$/.test(written.slice(beginning.length));
    return isFound || (written === service && home === namespace);
  },
  as: (written, from, to) => {
    const [, before, port] = new RegExp(`^(.*-)${from}(-\\d+)$`).exec(written) ?? [];
    return before === undefined || port === undefined ? to : `${before}${to}${port}`;
  },
};
