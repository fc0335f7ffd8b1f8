import { missing } from './errors.ts';
import type Stripe from 'stripe';
import { page } from './lists.ts';
import { expandField, inRange, pageFields, params, text, timeRange } from './params.ts';
import { route, type Route } from './routing.ts';

/** A balance transaction with its status as of now. */
function aged(transaction: Stripe.BalanceTransaction, now: number): Stripe.BalanceTransaction {
  return { ...transaction, status: transaction.available_on <= now ? 'available' : 'pending' };
}

/** The balance and what moved it. */
export const balanceRoutes: readonly Route[] = [
  route('GET', '/v1/balance', params(expandField), (call) => {
    const now = call.engine.clock.now() / 1_000;
    const sums = new Map<string, { available: number; pending: number }>();
    for (const { currency, net, available_on: availableOn } of call.engine.store.balanceTransactions.all()) {
      const sum = sums.get(currency) ?? { available: 0, pending: 0 };
      sums.set(currency, sum);
      sum[availableOn <= now ? 'available' : 'pending'] += net;
    }
    const rows = (which: 'available' | 'pending'): Stripe.Balance.Available[] =>
      [...sums].map(([currency, sum]) => ({
        amount: sum[which],
        currency,
        source_types: { card: sum[which] },
      }));
    const balance: Stripe.Balance = {
      object: 'balance',
      available: rows('available'),
      livemode: false,
      pending: rows('pending'),
    };
    return balance;
  }),
  route('GET', '/v1/balance_transactions/:id', params(expandField), (call) => {
    const transaction = call.engine.store.balanceTransactions.get(call.id);
    if (transaction === undefined) throw missing('balance_transaction', call.id, 'id');
    return aged(transaction, call.engine.clock.now() / 1_000);
  }),
  route(
    'GET',
    '/v1/balance_transactions',
    params(
      { ...pageFields, created: timeRange, currency: text(3), source: text(100), type: text(100) },
      [],
      ['payout'],
    ),
    (call) => {
      const { created, currency, source, type } = call.params;
      const listed = page(
        call.engine.store.balanceTransactions,
        '/v1/balance_transactions',
        call.params,
        (item) =>
          (currency === undefined || item.currency === currency) &&
          (source === undefined || item.source === source) &&
          (type === undefined || item.type === type) &&
          inRange(item.created, created),
      );
      return {
        ...listed,
        data: listed.data.map((item) => aged(item, call.engine.clock.now() / 1_000)),
      };
    },
  ),
];
