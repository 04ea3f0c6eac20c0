// Where a connector may go: people give the address, so it must not lead into our own network, nor to a cloud's metadata.
import { lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

export const CONNECTOR_SCHEMES = ["mqtt", "mqtts", "ws", "wss"] as const;
const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  "mqtt:": 1883,
  "mqtts:": 8883,
  "ws:": 80,
  "wss:": 443,
};

/** Nobody's broker is there, whatever is configured: this host, links, groups, metadata of clouds [RFC 6890]. */
const NEVER = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["169.254.0.0", 16],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  // Metadata of Alibaba, Azure and Oracle: addresses that look like others.
  ["100.100.100.200", 32],
  ["168.63.129.16", 32],
  ["192.0.0.192", 32],
] as const)
  NEVER.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of [
  ["::", 128],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
  // Metadata of Amazon and Google.
  ["fd00:ec2::", 32],
  ["fd20:ce::254", 128],
] as const)
  NEVER.addSubnet(network, prefix, "ipv6");

/** This machine, and networks that are not the Internet; also those that hold an IPv4 address within. */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
] as const)
  PRIVATE.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of [
  ["::1", 128],
  ["fc00::", 7],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
] as const)
  PRIVATE.addSubnet(network, prefix, "ipv6");

/** An IP address, with or without a zone. */
export function mayReach(ip: string, allowPrivate: boolean): boolean {
  const address = ip.split("%")[0] ?? "";
  const version = isIP(address);
  if (version === 0) return false;
  const family = version === 6 ? "ipv6" : "ipv4";
  return !NEVER.check(address, family) && (allowPrivate || !PRIVATE.check(address, family));
}

export type Target = {
  readonly scheme: (typeof CONNECTOR_SCHEMES)[number];
  /** A name or an IP address, without brackets. */
  readonly host: string;
  readonly port: number;
};

export type UrlFault = "not_a_url" | "scheme" | "credentials" | "extra" | "forbidden_address";

/** What stands in the address itself; a name is looked at when it is resolved, each time. */
export function targetOf(url: string, allowPrivate: boolean): Target | UrlFault {
  if (!URL.canParse(url)) return "not_a_url";
  const parsed = new URL(url);
  const scheme = CONNECTOR_SCHEMES.find((one) => `${one}:` === parsed.protocol);
  if (scheme === undefined) return "scheme";
  if (parsed.username !== "" || parsed.password !== "") return "credentials";
  const isWeb = scheme === "ws" || scheme === "wss";
  const path = parsed.pathname === "" || parsed.pathname === "/";
  if (parsed.hash !== "" || (!isWeb && (!path || parsed.search !== ""))) return "extra";
  const host = parsed.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = parsed.port === "" ? DEFAULT_PORTS[parsed.protocol] : Number(parsed.port);
  if (host === "" || port === undefined || port === 0) return "not_a_url";
  if (isIP(host) !== 0 && !mayReach(host, allowPrivate)) return "forbidden_address";
  return { scheme, host, port };
}

/** Where a name led where we do not go. */
export class AddressForbidden extends Error {
  readonly code = "ADDRESS_FORBIDDEN";

  constructor(host: string) {
    super(`${host} leads to this machine, a private network or an address that no broker has`);
    this.name = "AddressForbidden";
  }
}

/**
 * Resolves like the system and refuses a name of which any address is forbidden. The addresses that are looked at are those
 * that are connected to: asked a second time, a name may lead elsewhere.
 */
export function guardedLookup(allowPrivate: boolean, resolve: typeof lookup = lookup): LookupFunction {
  return (host, options, found) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return found(error, "", 0);
      const [first] = addresses;
      const allowed = addresses.every(({ address }) => mayReach(address, allowPrivate));
      if (first === undefined || !allowed) return found(new AddressForbidden(host), "", 0);
      if (options.all === true) found(null, addresses);
      else found(null, first.address, first.family);
    });
  };
}
