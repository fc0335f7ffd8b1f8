import { describe, expect, it } from 'vitest';

import { compareRecord, normalName, zoneFor } from '../../scripts/setup/dns.ts';
import type { WantedRecord } from '../../scripts/setup/dns.ts';

const RECORD: WantedRecord = { name: '_k.shop.example', type: 'CNAME', value: 'target.example' };

describe('zoneFor', () => {
  const zones = [
    { id: 'parent', name: 'shop.example.' },
    { id: 'child', name: 'dev.shop.example.' },
  ];

  it('takes the most specific zone, as delegation does', () => {
    expect(zoneFor('api.dev.shop.example', zones)).toBe('child');
    expect(zoneFor('dev.shop.example', zones)).toBe('child');
    expect(zoneFor('www.shop.example', zones)).toBe('parent');
  });

  it('does not take a zone that only ends alike', () => {
    expect(zoneFor('workshop.example', zones)).toBeUndefined();
  });
});

describe('compareRecord', () => {
  it('sees through case, final dots and Route 53’s escapes', () => {
    expect(normalName('\\137K.Shop.example.')).toBe('_k.shop.example');
    const found = [
      { Name: '\\137k.shop.example.', Type: 'CNAME' as const, ResourceRecords: [{ Value: 'Target.example.' }] },
    ];
    expect(compareRecord(RECORD, found, 'Z1')).toMatchObject({ kind: 'present' });
  });

  it('ignores the records of the next name, which Route 53 lists too', () => {
    const next = [{ Name: '_l.shop.example.', Type: 'CNAME' as const, ResourceRecords: [{ Value: 'x.example' }] }];
    expect(compareRecord(RECORD, next, 'Z1')).toEqual({ kind: 'creatable', record: RECORD, zoneId: 'Z1' });
  });

  it('calls it a conflict when a CNAME would have to share its name (RFC 1034, 3.6.2)', () => {
    const other = [{ Name: '_k.shop.example.', Type: 'TXT' as const, ResourceRecords: [{ Value: '"x"' }] }];
    expect(compareRecord(RECORD, other, 'Z1')).toMatchObject({ kind: 'conflict', found: 'a TXT record' });
  });
});
