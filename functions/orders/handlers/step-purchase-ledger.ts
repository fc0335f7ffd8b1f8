import { systemClock } from '../../shared/kernel/clock.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { stepFunction } from '../../shared/runtime/step.ts';
import { openTable } from '../../shared/table/client.ts';
import { ledgerSteps } from '../app/ledger-steps.ts';
import { purchaseLedgerEnv } from '../contract.ts';

export const handler = stepFunction(ledgerSteps(openTable(readEnv(purchaseLedgerEnv).TABLE_NAME), systemClock));
