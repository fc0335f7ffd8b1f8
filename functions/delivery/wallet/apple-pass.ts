import { PKPass } from 'passkit-generator';

import { PRINT_LANGUAGES } from '../holder-contract.ts';
import { localTime, serialOf, type Pass } from '../domain/pass.ts';
import type { AppleAccount } from './apple-account.ts';
import icon from './pictures/icon.png';
import icon2 from './pictures/icon@2x.png';
import icon3 from './pictures/icon@3x.png';
import logo from './pictures/logo.png';
import logo2 from './pictures/logo@2x.png';
import logo3 from './pictures/logo@3x.png';
import { labelOf, passStrings, TERMS, type PassLabel } from './words.ts';

/** Apple asks for the icon; it stands on the lock screen, the logo on the pass. */
const PICTURES = {
  'icon.png': icon,
  'icon@2x.png': icon2,
  'icon@3x.png': icon3,
  'logo.png': logo,
  'logo@2x.png': logo2,
  'logo@3x.png': logo3,
} as const;
/** As printed tickets are coloured. */
const COLORS = {
  backgroundColor: 'rgb(22, 33, 58)',
  foregroundColor: 'rgb(255, 255, 255)',
  labelColor: 'rgb(242, 163, 60)',
} as const;

/** Where a phone asks for the latest state of a pass, and by what. */
export interface PassService {
  readonly url: string;
  readonly token: string;
}

/**
 * `pass` as a signed `.pkpass` file in the style of an event ticket. Its labels are in English, German, French and Spanish, of
 * which the phone takes its own; dates are written as the phone's language does, in the time of the event's place.
 */
export function applePass(account: AppleAccount, pass: Pass, service: PassService, brand: string): Uint8Array {
  const { state, startsAt, timeZone, validUntil, qr, position } = pass;
  const made = new PKPass(
    Object.fromEntries(Object.entries(PICTURES).map(([name, bytes]) => [name, Buffer.from(bytes)])),
    { wwdr: account.issuer, signerCert: account.certificate, signerKey: account.key },
    {
      formatVersion: 1,
      passTypeIdentifier: account.passTypeIdentifier,
      teamIdentifier: account.teamIdentifier,
      serialNumber: serialOf(pass),
      // Tickets of one event lie on one pile.
      groupingIdentifier: pass.eventId,
      organizationName: brand,
      logoText: brand,
      description: `${pass.title} · ${pass.number}`,
      // A copy would admit once in place of its owner.
      sharingProhibited: true,
      voided: state !== 'LIVE',
      webServiceURL: service.url,
      authenticationToken: service.token,
      ...COLORS,
    },
  );
  made.type = 'eventTicket';
  made.setExpirationDate(new Date(validUntil));
  // Phones before iOS 18 know the first alone, which those after it do not read any more.
  made.setRelevantDate(new Date(startsAt));
  made.setRelevantDates([{ relevantDate: new Date(startsAt) }]);
  if (position !== undefined) made.setLocations({ ...position, relevantText: pass.title });
  // Base45 is ASCII: Latin-1, as Apple advises for scanners, has the very bytes of the printed code.
  if (qr !== undefined)
    made.setBarcodes({
      format: 'PKBarcodeFormatQR',
      message: qr,
      messageEncoding: 'iso-8859-1',
      altText: pass.number,
    });
  fill(made.primaryFields, ['event', undefined, pass.title]);
  made.secondaryFields.push({
    key: 'date',
    label: labelOf('date'),
    value: localTime(startsAt, timeZone),
    dateStyle: 'PKDateStyleMedium',
    timeStyle: 'PKDateStyleShort',
    ignoresTimeZone: true,
    changeMessage: '%@',
  });
  fill(made.secondaryFields, ['place', 'place', [pass.venueName, pass.city].filter(Boolean).join(', ')]);
  fill(made.auxiliaryFields, ['type', 'type', pass.ticketTypeName], ['seat', 'seat', pass.seat]);
  fill(made.auxiliaryFields, ['entrance', 'entrance', pass.accessLevel]);
  fill(
    made.backFields,
    ['number', 'number', pass.number],
    ['where', 'place', [pass.venueName, pass.address, pass.city].filter(Boolean).join(', ')],
    ['terms', 'terms', TERMS],
  );
  for (const language of PRINT_LANGUAGES) made.localize(language, passStrings(language));
  return made.getAsBuffer();
}

/** Adds those of `fields` that there is something to say in: key, label, text. */
function fill(
  into: PKPass['primaryFields'],
  ...fields: readonly (readonly [string, PassLabel | undefined, string | undefined])[]
): void {
  for (const [key, label, value] of fields) {
    if (value === undefined || value === '') continue;
    // What people have written is text: no addresses or numbers in it become links.
    into.push({ key, value, dataDetectorTypes: [], ...labelled(label) });
  }
}

function labelled(label: PassLabel | undefined): { readonly label?: string } {
  return label === undefined ? {} : { label: labelOf(label) };
}
