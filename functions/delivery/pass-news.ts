import type * as z from 'zod/mini';

import { logFault, logInfo } from '../shared/runtime/log.ts';
import type { Table } from '../shared/table/client.ts';
import type { PersonalData } from '../users/recipients.ts';
import { dropDevice, inRegistrations } from './app/registered-passes.ts';
import type { ListedPass } from './domain/registration.ts';
import { findRegistrations, passesOfEvent, registrationsOf } from './reads.ts';
import type { passNewsEnv } from './wallet-contract.ts';
import { readAppleAccountFrom } from './wallet/apple-account.ts';
import { ApplePush } from './wallet/apple-push.ts';

// What delivery offers to whoever hears of changes: phones with passes are told of them.

/** What telling phones needs. */
export interface PassNewsDeps {
  readonly table: Table;
  readonly personalData: PersonalData;
  /** SSM parameters of the account of Apple Wallet. */
  readonly applePassKey: string;
  readonly applePassCertificates: string;
  /** Where Apple's push service is; empty for Apple's own. */
  readonly applePushUrl: string;
}

/** As a function's environment has it. */
export function passNewsIn(table: Table, personalData: PersonalData, env: z.infer<typeof passNewsEnv>): PassNewsDeps {
  return {
    table,
    personalData,
    applePassKey: env.APPLE_PASS_KEY_PARAMETER,
    applePassCertificates: env.APPLE_PASS_CERTIFICATES_PARAMETER,
    applePushUrl: env.APPLE_PUSH_URL,
  };
}

/** The passes of somebody that are in phones, with the tokens by which Apple reaches these: for the person's export. */
export async function phonesOf(
  table: Table,
  personalData: PersonalData,
  userId: string,
): Promise<readonly { readonly pass: string; readonly pushTokens: readonly string[] }[]> {
  const [found, person] = await Promise.all([registrationsOf(table, userId), personalData.person(userId)]);
  return Promise.all(
    found.map(async ({ serial, devices }) => {
      const place = inRegistrations(userId, serial);
      const pushTokens = await Promise.all(devices.map(({ pushToken }) => person.open(place, pushToken)));
      return { pass: serial, pushTokens };
    }),
  );
}

/** Passes whose phones are told at a time. */
const AT_A_TIME = 50;

/**
 * Tells the phones that have passes of an event, or of one ticket of it, that they have changed. Whatever goes wrong is logged and
 * no more: the gate knows, and a phone also asks when its owner does. Told twice is asked twice.
 */
export async function tellPhones(
  deps: PassNewsDeps,
  { eventId, ticketId }: { readonly eventId: string; readonly ticketId?: string },
): Promise<void> {
  try {
    let told = 0;
    let batch: ListedPass[] = [];
    for await (const pass of passesOfEvent(deps.table, eventId, ticketId)) {
      batch.push(pass);
      if (batch.length < AT_A_TIME) continue;
      told += await tell(deps, eventId, batch);
      batch = [];
    }
    told += await tell(deps, eventId, batch);
    if (told > 0) logInfo('PHONES_TOLD', { eventId, ticketId, told });
  } catch (error) {
    logFault('PHONES_NOT_TOLD', error, { eventId, ticketId });
  }
}

/** @returns how many phones took it */
async function tell(deps: PassNewsDeps, eventId: string, passes: readonly ListedPass[]): Promise<number> {
  if (passes.length === 0) return 0;
  const account = await readAppleAccountFrom(deps.applePassKey, deps.applePassCertificates);
  if (account === undefined) return 0;
  const push = new ApplePush(account, deps.applePushUrl);
  try {
    const told = await Promise.all(passes.map((pass) => tellOf(deps, push, eventId, pass)));
    return told.reduce((sum, one) => sum + one, 0);
  } finally {
    push.close();
  }
}

async function tellOf(
  { table, personalData }: PassNewsDeps,
  push: ApplePush,
  eventId: string,
  { customerId, serial }: ListedPass,
): Promise<number> {
  const found = await findRegistrations(table, customerId, serial);
  const person = await personalData.person(customerId);
  // Whoever is erased is told of nothing; the list forgets the pass in its time.
  if (found === undefined || !person.hasKey) return 0;
  const outcomes = await Promise.all(
    found.devices.map(async ({ device, pushToken }) => {
      const pushed = await push.push(await person.open(inRegistrations(customerId, serial), pushToken));
      return { device, pushed };
    }),
  );
  for (const { device, pushed } of outcomes)
    if (pushed === 'GONE') await dropDevice(table, { customerId, eventId }, serial, device);
  const failed = outcomes.filter(({ pushed }) => pushed === 'FAILED').length;
  if (failed > 0) logInfo('PUSH_FAILED', { eventId, failed });
  return outcomes.filter(({ pushed }) => pushed === 'TAKEN').length;
}
