import { EVENT_TRANSITIONS } from '../../functions/catalog/domain/lifecycle.ts';
import { ALL_EVENTS, SUBSCRIPTIONS } from '../../functions/outbox/domain/relay.ts';
import { ORDER_TRANSITIONS } from '../../functions/orders/domain/lifecycle.ts';
import { REFUND_TRANSITIONS } from '../../functions/payments/domain/refund.ts';
import { PROBLEMS } from '../../functions/shared/kernel/problems.ts';
import { policyOf, routeKey, type Route } from '../../functions/shared/runtime/route.ts';
import { allRoutes } from '../../functions/site/all-routes.ts';
import { mailsTable, mailVariants } from './mails.ts';
import { personalDataTable } from './personal-data.ts';
import { recentList, rolesTable, scopesTable } from './roles.ts';

/** A part of a page that is derived from the code. */
export interface Section {
  /** From the repository's root. */
  readonly file: string;
  readonly name: string;
  readonly text: string;
}

/** Every derived section, as it should read now. */
export function generatedSections(): readonly Section[] {
  return [
    { file: 'docs/events.md', name: 'events', text: eventsTable() },
    { file: 'docs/lifecycles.md', name: 'order', text: lifecycle('HELD', ORDER_TRANSITIONS) },
    { file: 'docs/lifecycles.md', name: 'refund', text: lifecycle('DUE', REFUND_TRANSITIONS) },
    { file: 'docs/lifecycles.md', name: 'event', text: lifecycle('DRAFT', EVENT_TRANSITIONS) },
    { file: 'docs/routes.md', name: 'routes', text: routesTable() },
    { file: 'docs/routes.md', name: 'problems', text: problemsTable() },
    { file: 'docs/roles.md', name: 'scopes', text: scopesTable() },
    { file: 'docs/roles.md', name: 'recent', text: recentList() },
    { file: 'docs/roles.md', name: 'roles', text: rolesTable() },
    { file: 'docs/mails.md', name: 'mails', text: mailsTable() },
    { file: 'docs/mails.md', name: 'mail-variants', text: mailVariants() },
    { file: 'docs/personal-data.md', name: 'personal-data', text: personalDataTable() },
  ];
}

/** `page` with the text between the markers of `section` replaced. @throws when the page lacks them */
export function replaceSection(page: string, { file, name, text }: Section): string {
  const [open, close] = [`<!-- derived: ${name} -->`, `<!-- end: ${name} -->`];
  const [start, end] = [page.indexOf(open), page.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`${file} lacks the markers of section ${name}`);
  return `${page.slice(0, start + open.length)}\n${text}\n${page.slice(end)}`;
}

function eventsTable(): string {
  const rows = [...ALL_EVENTS.values()]
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
    .map(({ name, raisedWhen }) => `| \`${name}\` | ${raisedWhen} | ${SUBSCRIPTIONS.get(name) ?? '–'} |`);
  return ['| event | raised when | queue |', '|---|---|---|', ...rows].join('\n');
}

function lifecycle(first: string, transitions: Readonly<Record<string, readonly string[]>>): string {
  const edges = Object.entries(transitions).flatMap(([from, next]) => next.map((to) => `  ${from} --> ${to}`));
  return ['```mermaid', 'stateDiagram-v2', `  [*] --> ${first}`, ...edges, '```'].join('\n');
}

function routesTable(): string {
  const rows = allRoutes.map(
    (route) => `| \`${routeKey(route)}\` | ${whoOf(route)} | ${ownsOf(route)} | ${route.summary} |`,
  );
  return ['| route | who | whose | what |', '|---|---|---|---|', ...rows].join('\n');
}

function whoOf({ access }: Route): string {
  if (typeof access.who === 'string') return access.who;
  const posts = 'posts' in access && access.posts !== undefined ? ` (${access.posts.join(', ')})` : '';
  const key = 'key' in access && access.key !== undefined ? ` (${access.key})` : '';
  return access.who
    .map((who) => (who === 'staff' ? `staff${posts}` : who === 'vendor' ? `vendor${key}` : who))
    .join(', ');
}

/** Whose the thing must be, and what else the policy asks. */
function ownsOf(route: Route): string {
  const policy = policyOf(route);
  if (policy?.owns === undefined) return policy?.recent === true ? 'recent log-in' : '–';
  const where = policy.by === undefined ? '' : ` in the ${policy.by}`;
  const judge = policy.checkedBy === undefined ? '' : ', judged by the use case';
  return `${policy.owns}${where}${judge}${policy.recent === true ? '; recent log-in' : ''}`;
}

function problemsTable(): string {
  const rows = Object.entries(PROBLEMS).map(([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`);
  return ['| code | status | title |', '|---|---|---|', ...rows].join('\n');
}
