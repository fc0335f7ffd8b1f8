/**
 * DNS records that a step needs: created in Route 53 if the account holds the zone, printed
 * otherwise. A record that is there with another value is never overwritten.
 */
import {
  ChangeResourceRecordSetsCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
} from '@aws-sdk/client-route-53';
import type {
  ListHostedZonesByNameCommandOutput,
  ResourceRecordSet,
  Route53Client,
  RRType,
} from '@aws-sdk/client-route-53';

import type { Context } from './plan.ts';

/** One record as it should be. `value` is in zone-file form (TXT with its quotes). */
export type WantedRecord = {
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'CNAME' | 'MX' | 'TXT';
  readonly value: string;
  /** Set for alias records: the zone id of the target service. */
  readonly aliasZoneId?: string;
  /** A record of that name with any value will do (DMARC: the owner may have a policy). */
  readonly anyValue?: boolean;
};

/** Where a wanted record stands. */
export type RecordState =
  /** As wanted. */
  | { readonly kind: 'present'; readonly record: WantedRecord }
  /** The zone is ours and the name is free. */
  | { readonly kind: 'creatable'; readonly record: WantedRecord; readonly zoneId: string }
  /** The zone is ours, and somebody put something else there. */
  | { readonly kind: 'conflict'; readonly record: WantedRecord; readonly found: string }
  /** The zone lies elsewhere. */
  | { readonly kind: 'elsewhere'; readonly record: WantedRecord };

const TTL_SECONDS = 300;

export const DNS_PERMISSIONS = {
  check: ['route53:ListHostedZonesByName', 'route53:ListResourceRecordSets'],
  apply: ['route53:ChangeResourceRecordSets'],
} as const;

/** Lower case, without the final dot, with Route 53's escape of `*` and `_` undone. */
export function normalName(name: string): string {
  return name
    .replaceAll(/\\(\d{3})/g, (_match, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)))
    .replace(/\.$/, '')
    .toLowerCase();
}

/**
 * Which of these zones holds the name? The longest suffix wins, as in delegation.
 *
 * @param name a host name
 * @param zones public zones by name
 */
export function zoneFor(
  name: string,
  zones: readonly { readonly id: string; readonly name: string }[],
): string | undefined {
  const wanted = normalName(name);
  return zones
    .filter((zone) => wanted === normalName(zone.name) || wanted.endsWith(`.${normalName(zone.name)}`))
    .toSorted((a, b) => b.name.length - a.name.length)[0]?.id;
}

/** Compares a wanted record with what the zone holds under its name and type. */
export function compareRecord(record: WantedRecord, found: readonly ResourceRecordSet[], zoneId: string): RecordState {
  const same = found.filter((set) => normalName(set.Name ?? '') === normalName(record.name));
  const set = same.find((candidate) => candidate.Type === record.type);
  if (set === undefined) {
    const cname = same.find((candidate) => candidate.Type === 'CNAME' || record.type === 'CNAME');
    if (cname === undefined) return { kind: 'creatable', record, zoneId };
    return { kind: 'conflict', record, found: `a ${cname.Type} record` };
  }
  const values =
    set.AliasTarget?.DNSName === undefined
      ? (set.ResourceRecords ?? []).map((value) => value.Value ?? '')
      : [set.AliasTarget.DNSName];
  const matches = values.some((value) => normalName(value) === normalName(record.value));
  if (matches || record.anyValue === true) return { kind: 'present', record };
  return { kind: 'conflict', record, found: values.join(', ') };
}

/**
 * Reads the state of each record. In a zone that lies elsewhere only a CNAME can be seen, by asking
 * the resolver: other types stay `elsewhere` even when they are there.
 *
 * @see DNS_PERMISSIONS
 */
export async function readRecords(context: Context, records: readonly WantedRecord[]): Promise<readonly RecordState[]> {
  const { route53 } = context.clients;
  const zones = await publicZones(route53);
  const states: RecordState[] = [];
  for (const record of records) {
    const zoneId = zoneFor(record.name, zones);
    if (zoneId === undefined) {
      const targets = await context.resolveCname(record.name);
      const there = targets.some((target) => normalName(target) === normalName(record.value));
      states.push({ kind: there ? 'present' : 'elsewhere', record });
      continue;
    }
    // The list starts at the name; the sets of one name stand together, far fewer than a page.
    const page = await route53.send(
      new ListResourceRecordSetsCommand({ HostedZoneId: zoneId, StartRecordName: record.name }),
    );
    states.push(compareRecord(record, page.ResourceRecordSets ?? [], zoneId));
  }
  return states;
}

/** Creates what is `creatable`; CREATE (not UPSERT), so that a record made meanwhile survives. */
export async function createRecords(route53: Route53Client, states: readonly RecordState[]): Promise<void> {
  for (const state of states) {
    if (state.kind !== 'creatable') continue;
    await route53.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: state.zoneId,
        ChangeBatch: {
          Changes: [{ Action: 'CREATE', ResourceRecordSet: toRecordSet(state.record) }],
        },
      }),
    );
  }
}

/** Lines that tell a person which records to make or to settle; empty if none. */
export function recordsToMake(states: readonly RecordState[]): readonly string[] {
  return states.flatMap((state): readonly string[] => {
    const { name, type, value } = state.record;
    const target = state.record.aliasZoneId === undefined ? `${type} ${value}` : `ALIAS/CNAME ${value}`;
    switch (state.kind) {
      case 'elsewhere':
        return [`Create the DNS record: ${name} ${target}`];
      case 'conflict':
        return [`Change the DNS record ${name} (now ${state.found}) to: ${target}`];
      case 'present':
      case 'creatable':
        return [];
    }
  });
}

function toRecordSet(record: WantedRecord): ResourceRecordSet {
  const type: RRType = record.type;
  if (record.aliasZoneId !== undefined) {
    return {
      Name: record.name,
      Type: type,
      AliasTarget: {
        DNSName: record.value,
        HostedZoneId: record.aliasZoneId,
        EvaluateTargetHealth: false,
      },
    };
  }
  return {
    Name: record.name,
    Type: type,
    TTL: TTL_SECONDS,
    ResourceRecords: [{ Value: record.value }],
  };
}

async function publicZones(route53: Route53Client): Promise<readonly { readonly id: string; readonly name: string }[]> {
  const zones: { id: string; name: string }[] = [];
  let start: { DNSName?: string; HostedZoneId?: string } | undefined = {};
  while (start !== undefined) {
    const page: ListHostedZonesByNameCommandOutput = await route53.send(new ListHostedZonesByNameCommand(start));
    for (const zone of page.HostedZones ?? []) {
      if (zone.Id === undefined || zone.Name === undefined || zone.Config?.PrivateZone === true) continue;
      zones.push({ id: zone.Id.replace('/hostedzone/', ''), name: zone.Name });
    }
    start =
      page.IsTruncated === true && page.NextDNSName !== undefined
        ? {
            DNSName: page.NextDNSName,
            ...(page.NextHostedZoneId === undefined ? {} : { HostedZoneId: page.NextHostedZoneId }),
          }
        : undefined;
  }
  return zones;
}
