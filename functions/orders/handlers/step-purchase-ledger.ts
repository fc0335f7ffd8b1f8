import { readEnv } from '../../shared/runtime/env.ts';
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
import type { Occasion } from '../writes.ts';

const table = openTable(readEnv(purchaseLedgerEnv).TABLE_NAME);

/** Every change of a run is correlated by the run itself. */
const occasion = ({ run }: { readonly run: string }): Occasion => ({ now: Date.now(), correlationId: `purchase/${run}` });

export const handler = stepFunction([
  step('ValidateOrder', purchaseInput, (input) => validateOrder(table, input, Date.now())),
  step('SecureInventory', purchaseState, (state) => secureInventory(table, state, occasion(state))),
  step('ConfirmOrder', purchaseState, (state) => confirmOrder(table, state, occasion(state))),
  step('ReopenOrder', purchaseState, (state) => reopenOrder(table, state, occasion(state))),
  step('ReleaseInventory', purchaseState, (state) => releaseInventory(table, state, occasion(state))),
  step('FailOrder', purchaseState, (state) => failOrder(table, state, occasion(state))),
]);
