import { BlockList, isIPv6 } from "node:net";

/** Networks in CIDR form, such as `10.0.0.0/8` or `fd00::/8`, that the operator lets metrics be read from although they are not public. */
export type Networks = readonly string[];

/** Why an address may not be connected to; undefined where it may. */
export type AddressRule = (address: string) => "never" | "private" | undefined;

// Whatever an operator allows, nothing of metrics lives here: links, metadata services of clouds, multicast, "this host".
const NEVER: Networks = [
  "0.0.0.0/8",
  "169.254.0.0/16",
  "168.63.129.16/32",
  "100.100.100.200/32",
  "192.0.0.192/32",
  "224.0.0.0/4",
  "255.255.255.255/32",
  "::/128",
  "fe80::/10",
  "fd00:ec2::/32",
  "fd20:ce::/32",
  "ff00::/8",
];

// Not reachable from everywhere (IANA's special-purpose registries), or IPv6 that carries an IPv4 address of any kind inside.
const PRIVATE: Networks = [
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "240.0.0.0/4",
  "::/96",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "100::/64",
  "2001::/32",
  "2002::/16",
  "fc00::/7",
  "fec0::/10",
];

/** The rule for addresses under which the operator's networks may be asked as well as public ones. */
export function addressRule(allowed: Networks): AddressRule {
  const [never, isPrivate, isAllowed] = [NEVER, PRIVATE, allowed].map(memberOf);
  return (address) => {
    if (never?.(address) !== false) return "never";
    return isPrivate?.(address) === true && isAllowed?.(address) !== true ? "private" : undefined;
  };
}

/** Whether a text is a network in CIDR form. */
export function isNetwork(text: string): boolean {
  const [address = "", bits = "", ...rest] = text.split("/");
  if (rest.length > 0 || !/^\d{1,3}$/.test(bits)) return false;
  try {
    new BlockList().addSubnet(address, Number(bits), familyOf(address));
    return true;
  } catch {
    return false;
  }
}

// IPv4 addresses that are written as IPv6 (::ffff:10.0.0.1) are found in the networks of IPv4.
function memberOf(networks: Networks): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    list.addSubnet(address, Number(bits), familyOf(address));
  }
  return (address) => list.check(address, familyOf(address));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv6(address) ? "ipv6" : "ipv4";
}
