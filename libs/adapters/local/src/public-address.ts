import { BlockList, isIP, isIPv4 } from 'node:net';

/** IPv4 ranges that are not on the internet (IANA's special-purpose registry), multicast and reserved addresses included. */
const SPECIAL_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];
/** Only these IPv6 addresses are on the internet, apart from the ranges in SPECIAL_IPV6. */
const GLOBAL_IPV6 = '2000::/3';
/** Protocol assignments with Teredo, documentation, 6to4 (which embeds any IPv4 address), and segment routing. */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
/** IPv4 addresses as networks without IPv4 write them. */
const NAT64 = '64:ff9b::/96';

const special = blockListOf([...SPECIAL_IPV4, ...SPECIAL_IPV6]);
const globalIpv6 = blockListOf([GLOBAL_IPV6]);
const nat64 = blockListOf([NAT64]);

/** Returns true if the address belongs to a host on the internet: neither this host, nor its network, nor a cloud's metadata service. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !special.check(address, 'ipv4');
  if (isIP(address) === 0 || address.includes('%')) return false;
  if (nat64.check(address, 'ipv6')) return isPublicAddress(embeddedIpv4(address));
  return globalIpv6.check(address, 'ipv6') && !special.check(address, 'ipv6');
}

/** Returns the last 32 bits of an IPv6 address as an IPv4 address. */
function embeddedIpv4(address: string): string {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  // The URL parser writes these addresses with hexadecimal groups; `::` stands for zeros.
  const groups = canonical.split(':');
  const [high = '', low = ''] = groups.slice(-2);
  const value = Number.parseInt(high || '0', 16) * 65_536 + Number.parseInt(low || '0', 16);
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

function blockListOf(ranges: string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', prefix] = range.split('/');
    list.addSubnet(network, Number(prefix), network.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}
