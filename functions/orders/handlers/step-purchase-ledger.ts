import { readEnv } from '../../shared/runtime/env.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import { step, stepFunction } from '../../shared/runtime/step.ts';
import { openTable } from '../../shared/table/client.ts';
import {
  confirmOrder,
  failOrder,
  purchaseInput,
  purchaseState,
  releaseInventory,
  reopenOrder,
  secureInventory,
  validateOrder,
} from '../app/purchase-steps.ts';
import { purchaseLedgerEnv } from '../contract.ts';

const table = openTable(readEnv(purchaseLedgerEnv).TABLE_NAME);

/** Every change of a run is correlated by the run itself; hosts whose clocks differ never act before its start. */
const occasion = ({ run, startedAt }: { readonly run: string; readonly startedAt: number }): Occasion => ({
  now: Math.max(Date.now(), startedAt),
  correlationId: `purchase/${run}`,
  by: 'workflow:purchase',
});

export const handler = stepFunction([
  step('ValidateOrder', purchaseInput, (input) => validateOrder(table, input, occasion(input).now)),
  step('SecureInventory', purchaseState, (state) => secureInventory(table, state, occasion(state))),
  step('ConfirmOrder', purchaseState, (state) => confirmOrder(table, state, occasion(state))),
  step('ReopenOrder', purchaseState, (state) => reopenOrder(table, state, occasion(state))),
  step('ReleaseInventory', purchaseState, (state) => releaseInventory(table, state, occasion(state))),
  step('FailOrder', purchaseState, (state) => failOrder(table, state, occasion(state))),
]);
