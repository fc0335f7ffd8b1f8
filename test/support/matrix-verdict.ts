import * as z from 'zod/mini';

import { PROBLEMS } from '../../functions/shared/kernel/problems.ts';
import { problemsOf, type Route } from '../../functions/shared/runtime/route.ts';
import type { MatrixRow } from './matrix-rows.ts';
import type { Caller, Expectation } from './matrix-rule.ts';
import type { ApiAnswer } from './shop.ts';

/** An answer with the cell that it is of. */
export interface Answered {
  readonly route: Route;
  readonly row: MatrixRow;
  readonly caller: Caller;
  readonly expected: Expectation;
  readonly answer: ApiAnswer;
  /** Texts that only the owner, and whoever may see the owner's things, may ever read. */
  readonly ownersData: readonly string[];
}

/** Everything that is wrong with the answer of a cell, each in one sentence; nothing, where all is well. */
export function faultsOf(cell: Answered): readonly string[] {
  const { caller, route, answer } = cell;
  const found = cell.expected === 'SUCCESS' ? faultsOfSuccess(cell) : faultsOfRefusal(cell, cell.expected);
  const leaked = mayReadOwnersData(cell) ? [] : cell.ownersData.filter((text) => answer.text.includes(text));
  return [...found, ...leaked.map((text) => `it tells ${text}`)].map(
    (fault) => `${route.id} to ${caller.person} (${caller.credential}): ${fault}`,
  );
}

function faultsOfSuccess({ route, row: { granted = {}, reached }, answer }: Answered): readonly string[] {
  if (reached !== undefined && answer.json?.code === reached) return [];
  const schema = route.responses[answer.status];
  if (schema === undefined) return [`it answers ${answer.status} ${answer.text} instead of a success`];
  const shape = schema === null ? undefined : z.safeParse(schema, answer.json).error;
  return [
    ...(shape === undefined ? [] : [`the body is not of the declared shape: ${shape.message}`]),
    ...differences(answer.json, granted),
  ];
}

function faultsOfRefusal(
  { route, row: { refusal }, caller, answer }: Answered,
  expected: Exclude<Expectation, 'SUCCESS'>,
): readonly string[] {
  if (refusal?.to.includes(caller.person) === true && caller.credential === 'bearer') {
    return [
      ...(answer.status === 200 ? [] : [`it answers ${answer.status}, not its verdict`]),
      ...differences(answer.json, refusal.body),
      ...refusal.without.filter((name) => name in answer.json).map((name) => `its verdict has ${name}`),
    ];
  }
  const { status } = PROBLEMS[expected];
  const right = answer.status === status && answer.json?.code === expected;
  const isProblem = answer.headers.get('content-type')?.startsWith('application/problem+json') === true;
  return [
    ...(right ? [] : [`it answers ${answer.status} ${answer.text} instead of ${status} ${expected}`]),
    ...(isProblem ? [] : ['the answer is no problem+json']),
    ...(problemsOf(route).includes(expected) ? [] : [`the route does not declare ${expected}`]),
  ];
}

/** What only admins may call may tell them of anybody. */
function mayReadOwnersData({ route, row, caller, expected }: Answered): boolean {
  const { who } = route.access;
  const ofAll = who.length === 1 && who[0] === 'admin';
  return (
    expected === 'SUCCESS' &&
    (row.hidden !== undefined || row.bearsPassword === true || caller.person === 'owner' || ofAll)
  );
}

function differences(
  body: Readonly<Record<string, unknown>> | undefined,
  wanted: Readonly<Record<string, unknown>>,
): readonly string[] {
  return Object.entries(wanted)
    .filter(([name, value]) => body?.[name] !== value)
    .map(([name, value]) => `${name} is ${String(body?.[name])}, not ${String(value)}`);
}
