import type { Clock } from '../../shared/kernel/clock.ts';
import { step, type Step } from '../../shared/runtime/step.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import {
  confirmOrder,
  failOrder,
  openReview,
  purchaseInput,
  purchaseState,
  releaseInventory,
  reopenOrder,
  secureInventory,
  validateOrder,
} from './purchase-steps.ts';

/** The steps of the purchase saga that change the order and its stock, by the names of their states. */
export function ledgerSteps(table: Table, clock: Clock): readonly Step[] {
  /** Every change of a run is correlated by the run itself; hosts whose clocks differ never act before its start. */
  const occasion = ({ run, startedAt }: { readonly run: string; readonly startedAt: number }): Occasion => ({
    now: Math.max(clock(), startedAt),
    correlationId: `purchase/${run}`,
    by: 'workflow:purchase',
  });
  return [
    step('ValidateOrder', purchaseInput, (input) => validateOrder(table, input, occasion(input).now)),
    step('SecureInventory', purchaseState, (state) => secureInventory(table, state, occasion(state))),
    step('OpenReview', purchaseState, (state) => openReview(table, state, occasion(state))),
    step('ConfirmOrder', purchaseState, (state) => confirmOrder(table, state, occasion(state))),
    step('ReopenOrder', purchaseState, (state) => reopenOrder(table, state, occasion(state))),
    step('ReleaseInventory', purchaseState, (state) => releaseInventory(table, state, occasion(state))),
    step('FailOrder', purchaseState, (state) => failOrder(table, state, occasion(state))),
  ];
}
