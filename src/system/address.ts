import { BlockList, isIP } from "node:net";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** IANA special-purpose address registries, as far as nothing of the public internet lives there. */
const NOT_PUBLIC = new BlockList();
for (const [net, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  // Link-local; the metadata services of the clouds are at 169.254.169.254.
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  NOT_PUBLIC.addSubnet(net, prefix, "ipv4");
}
for (const [net, prefix] of [
  ["::", 127],
  // Addresses that carry an IPv4 address inside: NAT64 and 6to4.
  ["64:ff9b::", 96],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const) {
  NOT_PUBLIC.addSubnet(net, prefix, "ipv6");
}

function family(address: string): "ipv4" | "ipv6" | null {
  const version = isIP(address);
  return version === 0 ? null : version === 4 ? "ipv4" : "ipv6";
}

/** The host of a parsed URL without brackets and without the root's dot. */
function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

/**
 * Whether a host, as a parsed URL writes it, is this machine itself. Only literal addresses and
 * `localhost`: a name that a DNS server turns into 127.0.0.1 is not one.
 */
export function isLoopbackHost(hostname: string): boolean {
  const host = bare(hostname);
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  const kind = family(host);
  return kind !== null && LOOPBACK.check(host, kind);
}

/** Whether an IP address is private, link-local, loopback, multicast or reserved. */
export function isPrivateAddress(address: string): boolean {
  const host = bare(address);
  const kind = family(host);
  return kind !== null && NOT_PUBLIC.check(host, kind);
}

/** Whether a URL's host is an address and not a name. */
export function isAddress(hostname: string): boolean {
  return family(bare(hostname)) !== null;
}
