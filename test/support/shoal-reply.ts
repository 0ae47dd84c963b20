export interface ShoalSquid {
  hostname: string;
  port?: number;
  publicIp?: string | null;
  privateIp?: string | null;
  externalIp?: string | null;
  load?: number;
  upstream?: string;
  distance?: number;
}

const entry = (squid: ShoalSquid): string => {
  const text = (value: unknown): string => JSON.stringify(value ?? null);
  return (
    `{"created": 1766160000.1, "last_active": 1766170949.1, "hostname": ${text(squid.hostname)}, ` +
    `"squid_port": ${squid.port ?? 3128}, "public_ip": ${text(squid.publicIp)}, ` +
    `"private_ip": ${text(squid.privateIp)}, "external_ip": ${text(squid.externalIp)}, ` +
    '"geo_data": {"city": "Victoria", "region_code": null, "time_zone": null, "metro_code": null, ' +
    '"latitude": 48.43, "longitude": -123.37, "postal_code": null, "country_code": "CA", ' +
    '"country_name": "Canada", "continent": "NA"}, ' +
    `"load": ${squid.load ?? 350.2}, "verified": true, "global_access": true, "max_load": 112500, ` +
    `"local": null, "cache_type": "squid", "upstream": ${text(squid.upstream ?? 'both')}, ` +
    `"distance": ${squid.distance ?? 0.00385}}`
  );
};

/** What a stock Shoal server (1.1.0, Python's json.dumps) answers, byte for byte. */
export const shoalReply = (squids: readonly ShoalSquid[]): string =>
  squids.length === 0
    ? 'null'
    : `{${squids.map((squid, index) => `"${index}": ${entry(squid)}`).join(', ')}}`;
