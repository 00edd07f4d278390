/** How a person would write a share into the lines of a route: what a line of some kind says of whom, and the number in it. */
type Line = { readonly pattern: RegExp; readonly isCanary: (called: string, service: string) => boolean };

const LINES: readonly Line[] = [
  // HTTPRoute
  {
    pattern: /(?<head>- name: (?<called>\S+)\n\s+port: 80\n\s+weight: )\d+/g,
    isCanary: (called, service) => called === `${service}-canary`,
  },
  // VirtualService, by hosts
  {
    pattern: /(?<head>host: (?<called>\S+)\n\s+weight: )\d+/g,
    isCanary: (called, service) => called === `${service}-canary`,
  },
  // VirtualService, by subsets
  {
    pattern: /(?<head>subset: (?<called>\S+)\n\s+weight: )\d+/g,
    isCanary: (called) => called === "canary",
  },
  // the canary's Ingress
  {
    pattern: /(?<head>nginx\.ingress\.kubernetes\.io\/(?<called>canary)-weight: ")\d+/g,
    isCanary: (called) => called === "canary",
  },
];

/** The text of a service's route, of whatever kind, with another share for the canary and the rest for stable. */
export function withWeight(route: string, service: string, weight: number): string {
  return LINES.reduce(
    (text, { pattern, isCanary }) =>
      text.replace(pattern, (_, head: string, called: string) => {
        return `${head}${isCanary(called, service) ? weight : 100 - weight}`;
      }),
    route,
  );
}
