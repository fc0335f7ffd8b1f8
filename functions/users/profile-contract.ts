import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import * as z from 'zod/mini';

import { sessionEnv } from '../shared/runtime/env.ts';
import { route } from '../shared/runtime/route.ts';
import { personalDataEnv, userView } from './contract.ts';
import { consentName, consents, dateOfBirth, line, locale } from './person-fields.ts';

// Apart from `contract.ts`, so that only what needs the numbering plans of all countries bundles them.

/** E.164 (ITU-T), valid by the numbering plan of its country. */
const phoneNumber = z.string().check(
  z.maxLength(16),
  z.regex(/^\+[1-9]\d{6,14}$/, 'Write it with the country code and digits only, such as +4915112345678'),
  z.refine((text) => parsePhoneNumberFromString(text)?.isValid() === true, 'No country has such a number'),
);

/** A postal address. */
export const postalAddress = z.strictObject({
  line1: line(100),
  line2: z.optional(line(100)),
  postalCode: z.optional(line(16)),
  city: line(100),
  region: z.optional(line(100)),
  /** ISO 3166-1 alpha-2. */
  country: z.string().check(z.regex(/^[A-Z]{2}$/), z.refine(isCountry, 'There is no such country')),
});
export type PostalAddress = z.infer<typeof postalAddress>;

/** How messages should reach the person; `sms` needs a phone number that was proven to be theirs. */
export const deliveryChannel = z.enum(['email', 'sms']);

/** One entry of the history of consents; entries are added and closed, never taken away. */
export const consentView = z.object({
  name: consentName,
  /** Version of the text that was agreed to. */
  version: z.string(),
  givenAt: z.iso.datetime(),
  withdrawnAt: z.nullable(z.iso.datetime()),
});

/** An account as its owner sees it, with all that it keeps about them. */
export const profileView = z.extend(userView, {
  /** An address that takes the place of `email` once the link that was mailed to it has come back. */
  pendingEmail: z.nullable(z.string()),
  /** The address before the last change. */
  previousEmail: z.nullable(z.string()),
  dateOfBirth: z.nullable(z.string()),
  /** E.164. */
  phone: z.nullable(z.string()),
  /** Whether a code that was sent to the number came back: text messages go to such numbers only. */
  phoneVerified: z.boolean(),
  address: z.nullable(postalAddress),
  deliveryChannel,
  /** Which of the news that a person may do without they get. */
  news: z.object({ notices: z.boolean(), reminders: z.boolean() }),
  consents: z.array(consentView),
});
export type ProfileView = z.infer<typeof profileView>;

export const me = route({
  id: 'me',
  method: 'GET',
  path: '/api/auth/me',
  summary: "The caller's own account and profile",
  access: { who: ['customer'] },
  responses: { 200: profileView, 304: null },
  problems: [],
});

export const updateMe = route({
  id: 'updateMe',
  method: 'PATCH',
  path: '/api/auth/me',
  summary: "Change the caller's own profile; with If-Match, only the version that was read",
  access: { who: ['customer'] },
  headers: { 'If-Match': 'The ETag of what was read: a profile that has changed since is not changed, 412' },
  /** What is left out stays; null takes away. */
  body: z.strictObject({
    firstName: z.optional(line(100)),
    lastName: z.optional(line(100)),
    locale: z.optional(locale),
    dateOfBirth: z.optional(z.nullable(dateOfBirth)),
    /** Another number, or none, ends the opt-in for text messages. */
    phone: z.optional(z.nullable(phoneNumber)),
    address: z.optional(z.nullable(postalAddress)),
    deliveryChannel: z.optional(deliveryChannel),
    /** What is left out stays as it is; whoever has unsubscribed from some by a mail gets it again with `true`. */
    news: z.optional(z.strictObject({ notices: z.optional(z.boolean()), reminders: z.optional(z.boolean()) })),
    consents: z.optional(consents),
  }),
  responses: { 200: profileView },
  problems: ['PRECONDITION_FAILED', 'PHONE_NOT_VERIFIED', 'CONSENT_NEEDED'],
});
export type ProfilePatch = z.infer<(typeof updateMe)['body']>;

export const verifyPhone = route({
  id: 'verifyPhone',
  method: 'POST',
  path: '/api/auth/me/phone/verification',
  summary: "Send a code to the profile's phone number",
  access: { who: ['customer'] },
  body: z.strictObject({}),
  responses: {
    202: z.object({
      /** Until when the code is taken. */
      expiresAt: z.iso.datetime(),
      /** Seconds after which another one may be asked for. */
      resendAfter: z.int(),
    }),
  },
  problems: ['PHONE_MISSING', 'PHONE_NOT_REACHABLE', 'SMS_PROVIDER_UNAVAILABLE'],
});

export const confirmPhone = route({
  id: 'confirmPhone',
  method: 'POST',
  path: '/api/auth/me/phone/confirm',
  summary: 'Prove that the phone number is yours with the code that was sent to it',
  access: { who: ['customer'] },
  body: z.strictObject({ code: z.string().check(z.regex(/^\d{6}$/, 'The code has six digits')) }),
  responses: { 200: profileView },
  problems: ['PHONE_MISSING', 'PHONE_CODE_WRONG', 'PHONE_CODE_INVALID_OR_EXPIRED'],
});

export const profileRoutes = [me, updateMe, verifyPhone, confirmPhone] as const;

/** What the function of profiles is given; it calls `sns:Publish` to phone numbers. */
export const profileEnv = z.extend(sessionEnv, {
  ...personalDataEnv.shape,
  /** Keyed hash of codes and phone numbers; kind `random-32-bytes`. */
  EMAIL_INDEX_KEY_PARAMETER: z.string(),
});

/** Codes that Unicode names beside countries: unions, and what is unknown or made up. */
const NO_COUNTRIES = new Set(['ZZ', 'EU', 'EZ', 'UN', 'QO', 'XA', 'XB']);

function isCountry(code: string): boolean {
  // Every check is asked, also after one that failed, and names of regions throw for what is no code.
  return (
    /^[A-Z]{2}$/.test(code) &&
    !NO_COUNTRIES.has(code) &&
    new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' }).of(code) !== undefined
  );
}
