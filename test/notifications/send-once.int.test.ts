import { SendRawEmailCommand } from '@aws-sdk/client-ses';
import { ulid } from 'ulid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { sendPaymentMail } from '../../functions/notifications/app/send-payment-mail.ts';
import { sendTicketMail, type OrderMailDeps } from '../../functions/notifications/app/send-ticket-mail.ts';
import { orderConsumers } from '../../functions/notifications/order-consumers.ts';
import { latePaymentReturned, paymentFailed } from '../../functions/orders/contract.ts';
import { refundFailed, refundIssued } from '../../functions/payments/contract.ts';
import { eventPublished } from '../../functions/catalog/events.ts';
import { eventKey } from '../../functions/catalog/keys.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { begin } from '../../functions/shared/table/aggregate.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { tableOn } from '../../functions/shared/table/client.ts';
import { publishedEventOf } from '../catalog/event-row.ts';
import { testClient } from '../support/dynamodb.ts';
import { meterWrites } from '../support/write-units.ts';
import { PAID_AT, PostOffice } from './post-office.ts';

let office: PostOffice;
let deps: OrderMailDeps;

beforeAll(async () => {
  office = await PostOffice.open();
  deps = office.deps();
});
afterAll(() => office.db.drop());
beforeEach(() => office.reset());
afterEach(() => {
  vi.restoreAllMocks();
});

describe('at most one mail (I9)', () => {
  it('is sent once, however often and to however many workers the event is delivered', async () => {
    const event = await office.issued(1);
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => sendTicketMail(deps, event)));
    // Whoever comes while it is being sent lets the queue ask again later.
    expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true);
    await sendTicketMail(deps, event);
    expect(await office.mails()).toHaveLength(1);
  });

  it('is not sent again when SES took it and the answer was lost; after 15 minutes once more, marked (failure 45)', async () => {
    const event = await office.issued(1);
    office.ses
      .on(SendRawEmailCommand)
      .rejects(Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' }));
    await expect(sendTicketMail(deps, event)).rejects.toThrow('nobody knows');
    office.ses.on(SendRawEmailCommand).resolves({ MessageId: 'ses-2' });
    office.now += 14 * MINUTE;
    await expect(sendTicketMail(deps, event)).rejects.toThrow('still open');
    expect(await office.mails()).toHaveLength(1);

    office.now += MINUTE;
    await sendTicketMail(deps, event);
    const [first, second, ...more] = await office.mails();
    expect(more).toEqual([]);
    expect(first?.headers.has('x-onsale-possible-duplicate')).toBe(false);
    expect(second?.headers.get('x-onsale-possible-duplicate')).toBe('yes');
    expect(second?.text).toContain('You may get this mail twice');
    expect(await office.notification(event.data.orderId)).toMatchObject({
      status: 'SENT',
      possibleDuplicate: true,
      attempts: 2,
    });

    office.now += 60 * MINUTE;
    await sendTicketMail(deps, event);
    expect(await office.mails()).toHaveLength(2);
  });

  it('is parked for a person when the second answer is lost too', async () => {
    const event = await office.issued(1);
    office.ses
      .on(SendRawEmailCommand)
      .rejects(
        Object.assign(new Error('bad gateway'), { name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503 } }),
      );
    await expect(sendTicketMail(deps, event)).rejects.toThrow('nobody knows');
    office.now += 15 * MINUTE;
    await expect(sendTicketMail(deps, event)).rejects.toThrow('nobody knows');
    office.now += 15 * MINUTE;
    await expect(sendTicketMail(deps, event)).rejects.toThrow('parked');
    await expect(sendTicketMail(deps, event)).rejects.toThrow('still open');
    expect(await office.mails()).toHaveLength(2);
    expect(await office.notification(event.data.orderId)).toMatchObject({ status: 'UNSETTLED' });
  });

  it('is tried again after 5 and 10 minutes when SES definitely refused, and given up after the third time', async () => {
    const event = await office.issued(1);
    office.ses.on(SendRawEmailCommand).rejects(
      Object.assign(new Error('Email address is not verified: ada@example.com'), {
        name: 'MessageRejected',
        $metadata: { httpStatusCode: 400 },
      }),
    );
    await sendTicketMail(deps, event);
    expect(await office.notification(event.data.orderId)).toMatchObject({
      status: 'FAILED',
      failures: 1,
      reason: 'MessageRejected',
      retryAt: office.now + 5 * MINUTE,
    });
    expect(await office.mails()).toHaveLength(1);
    expect(await office.retried()).toEqual([]);

    office.now += 5 * MINUTE;
    await sendTicketMail(deps, await office.onlyRetry(event));
    expect(await office.notification(event.data.orderId)).toMatchObject({
      failures: 2,
      retryAt: office.now + 10 * MINUTE,
    });
    office.now += 5 * MINUTE;
    expect(await office.retried()).toEqual([]);

    office.now += 5 * MINUTE;
    const last = await office.onlyRetry(event);
    const error: unknown = await sendTicketMail(deps, last).catch((thrown: unknown) => thrown);
    // Thrown, so that the message ends among the dead letters, of which administrators are told.
    expect(String(error)).toContain('given up');
    expect(String(error)).not.toContain('ada@example.com');
    expect(await office.notification(event.data.orderId)).toMatchObject({ status: 'PERMANENTLY_FAILED', failures: 3 });
    await expect(sendTicketMail(deps, last)).rejects.toThrow('still open');
    expect(await office.mails()).toHaveLength(3);

    // Somebody mended it and sends the dead letter on its way again.
    office.now += 61 * MINUTE;
    office.ses.on(SendRawEmailCommand).resolves({ MessageId: 'ses-5' });
    await sendTicketMail(deps, last);
    expect(await office.notification(event.data.orderId)).toMatchObject({ status: 'SENT' });
    expect((await office.mails()).at(-1)?.headers.has('x-onsale-possible-duplicate')).toBe(false);
  });

  it('waits its turn for as long as SES asks to slow down, which is no refusal', async () => {
    const throttled = Object.assign(new Error('rate exceeded'), {
      name: 'Throttling',
      $metadata: { httpStatusCode: 400 },
    });
    const [patient, unlucky] = [await office.issued(1), await office.issued(1)];
    office.ses.on(SendRawEmailCommand).rejectsOnce(throttled).rejectsOnce(throttled).resolves({ MessageId: 'ses-4' });
    await sendTicketMail(deps, patient);
    expect(await office.notification(patient.data.orderId)).toMatchObject({ status: 'SENT', attempts: 1 });
    office.ses.on(SendRawEmailCommand).rejects(throttled);
    await sendTicketMail(deps, unlucky);
    for (let time = 1; time < 6; time += 1) {
      expect(await office.notification(unlucky.data.orderId)).toMatchObject({ status: 'QUEUED', failures: 0 });
      office.now += 5 * MINUTE;
      await sendTicketMail(deps, await office.onlyRetry(unlucky));
    }
    office.ses.on(SendRawEmailCommand).resolves({ MessageId: 'ses-6' });
    office.now += 5 * MINUTE;
    await sendTicketMail(deps, await office.onlyRetry(unlucky));
    expect(await office.notification(unlucky.data.orderId)).toMatchObject({ status: 'SENT', attempts: 7 });
  });

  it('is retried once by two runs of the job, and by a worker whose clock is behind', async () => {
    const event = await office.issued(1);
    office.ses
      .on(SendRawEmailCommand)
      .rejectsOnce(Object.assign(new Error('no'), { name: 'MessageRejected', $metadata: { httpStatusCode: 400 } }))
      .resolves({ MessageId: 'ses-7' });
    await sendTicketMail(deps, event);
    office.now += 5 * MINUTE;
    const twice = (await Promise.all([office.retried(), office.retried()])).flat();
    expect(twice.length).toBeGreaterThan(0);
    office.now -= 20_000;
    expect(new Set(twice.map(({ id }) => id))).toEqual(new Set([event.id]));
    for (const _message of twice) await sendTicketMail(deps, event);
    expect(await office.mails()).toHaveLength(2);
    expect(await office.notification(event.data.orderId)).toMatchObject({ status: 'SENT', attempts: 2 });
  });

  it('costs two write units: the claim and its settlement', async () => {
    const event = await office.issued(1);
    const client = testClient();
    const meter = meterWrites(client);
    await sendTicketMail(office.deps({ table: tableOn(client, office.db.table.name) }), event);
    expect(meter.units).toBe(2);
  });

  it('frees the claim when the mail cannot even be written', async () => {
    const event = await office.issued(1);
    const written: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((line) => written.push(String(line)) > 0);
    const broken = office.deps({ seeds: () => Promise.reject(new TypeError('no such thing as ada@example.com')) });
    await sendTicketMail(broken, event);
    expect(await office.notification(event.data.orderId)).toMatchObject({ status: 'FAILED', reason: 'TypeError' });
    expect(written.join('')).toContain('send-once.int.test.ts');
    expect(written.join('')).not.toContain('ada@example.com');
    office.now += 5 * MINUTE;
    await sendTicketMail(deps, await office.onlyRetry(event));
    expect(await office.mails()).toHaveLength(1);
  });
});

const ended = (name: string): Parameters<typeof sendPaymentMail>[1] => {
  const orderId = ulid();
  return {
    id: `order/${orderId}/7`,
    name,
    occurredAt: new Date(PAID_AT).toISOString(),
    correlationId: 'test',
    aggregate: { type: 'order', id: orderId },
    version: 7,
    data: { orderId, customerId: ulid(), number: 'ON-7K3M-Q2XD', currency: 'JPY', total: 4_500 },
  };
};

describe('the mail about a payment that came too late', () => {
  const send = (event: Parameters<typeof sendPaymentMail>[1]): Promise<void> =>
    sendPaymentMail(deps, event, 'paymentReturned');

  it('tells what happened and that the money went back, once', async () => {
    const event = ended(latePaymentReturned.name);
    await send(event);
    await send(event);
    const mail = await office.onlyMail();
    expect(mail.subject).toBe('Your payment was given back (ON-7K3M-Q2XD)');
    expect(mail.text).toContain('4500 JPY');
    // A guess at the reason would tell people that stock was gone which was not (I21).
    expect(mail.text).not.toMatch(/sold out/i);
    expect(mail.attachments).toEqual([]);
  });

  it('is never sent twice on suspicion: parked instead', async () => {
    const event = ended(latePaymentReturned.name);
    office.ses.on(SendRawEmailCommand).rejects(Object.assign(new Error('late'), { name: 'TimeoutError' }));
    await expect(send(event)).rejects.toThrow('nobody knows');
    office.now += 15 * MINUTE;
    await expect(send(event)).rejects.toThrow('parked');
    expect(await office.mails()).toHaveLength(1);
  });
});

describe('the mail about a payment that failed for good', () => {
  it('says so and that nothing was charged, once, however often its event is delivered', async () => {
    const event = ended(paymentFailed.name);
    const consumer = orderConsumers(deps).find(({ name }) => name === event.name);
    await Promise.allSettled([consumer?.consume(event), consumer?.consume(event)]);
    await consumer?.consume(event);
    const mail = await office.onlyMail();
    expect(mail.subject).toBe('Your payment did not go through (ON-7K3M-Q2XD)');
    expect(mail.text).toContain('4500 JPY');
    expect(mail.text).toContain('nothing was charged');
    expect(mail.text).toContain(`https://tickets.example.com/orders/${event.aggregate.id}`);
    expect(mail.attachments).toEqual([]);
  });

  it.each([
    ['de-AT', 'Ihre Zahlung ist fehlgeschlagen', 'nichts abgebucht'],
    ['fr', 'Votre paiement a échoué', 'rien n’a été débité'],
    ['es-MX', 'Su pago no se ha realizado', 'no se le ha cobrado nada'],
  ])('is in the language of its reader: %s', async (locale, subject, nothing) => {
    const recipientOf: OrderMailDeps['recipientOf'] = async (id) => {
      const ada = await deps.recipientOf(id);
      return ada === undefined ? undefined : { ...ada, locale, firstName: '<b>Ada</b>' };
    };
    await sendPaymentMail({ ...deps, recipientOf }, ended(paymentFailed.name), 'paymentFailed');
    const mail = await office.onlyMail();
    expect(mail.subject).toBe(`${subject} (ON-7K3M-Q2XD)`);
    expect(mail.text).toContain(nothing);
    expect(mail.html).toContain('&lt;b&gt;Ada&lt;/b&gt;');
  });

  it('is never sent twice on suspicion: parked instead', async () => {
    const event = ended(paymentFailed.name);
    office.ses.on(SendRawEmailCommand).rejects(Object.assign(new Error('late'), { name: 'TimeoutError' }));
    await expect(sendPaymentMail(deps, event, 'paymentFailed')).rejects.toThrow('nobody knows');
    office.now += 15 * MINUTE;
    await expect(sendPaymentMail(deps, event, 'paymentFailed')).rejects.toThrow('parked');
    expect(await office.mails()).toHaveLength(1);
  });
});

describe('the mail about an event that was cancelled', () => {
  const customerId = ulid();
  const [orderId, refundId] = [ulid(), ulid()];

  beforeAll(async () => {
    const event = publishedEventOf(office.type, ulid(), PAID_AT);
    const occasion = { now: PAID_AT, correlationId: 'test', by: 'system', event: eventPublished.name };
    await commit(office.db.table, [begin(eventKey(office.type.eventId), event, occasion, mustHold('new'))]);
  });

  const tell = async (name: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> => {
    const consumer = orderConsumers(deps).find((each) => each.name === name);
    await consumer?.consume({
      id: `refund/${refundId}/${name}`,
      name,
      occurredAt: new Date(PAID_AT).toISOString(),
      correlationId: 'test',
      aggregate: { type: 'refund', id: refundId },
      version: 3,
      data: {
        refundId,
        orderId,
        customerId,
        number: 'ON-7K3M-Q2XD',
        amount: 9_000,
        currency: 'EUR',
        cause: 'EVENT_CANCELLED',
        eventId: office.type.eventId,
        lines: [{ id: '1', quantity: 2, amount: 9_000 }],
        ...more,
      },
    });
  };

  it('goes to whose money could not be sent back as well, once, and says that it is looked after', async () => {
    await tell(refundFailed.name);
    await tell(refundFailed.name);
    // Of another order for the event, whose money is on its way: nobody is told twice that it does not take place.
    await tell(refundIssued.name, { refundId: ulid() });
    const mail = await office.onlyMail();
    expect(mail.subject).toBe('Cancelled: Harbour Lights');
    expect(mail.text).toContain('could not be sent back automatically');
    expect(mail.text).not.toContain('goes back the way you paid');
  });

  it('is followed by another one once the money is sent after all', async () => {
    await tell(refundIssued.name, { attempt: 1 });
    const mail = await office.onlyMail();
    expect(mail.subject).toBe('Refund for your order ON-7K3M-Q2XD');
    expect(mail.text).toContain('90.00 EUR');
  });

  it('is not sent for another refund that fails: its case is the support desk’s', async () => {
    await tell(refundFailed.name, { refundId: ulid(), customerId: ulid(), cause: 'BUYER', eventId: undefined });
    expect(await office.mails()).toEqual([]);
  });
});
