import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseSync } from 'vite';

/** Where the writes of the ledger are made. */
const LEDGER = join(import.meta.dirname, '..', '..', 'functions', 'inventory');

/** What states one condition of a write; `allOf` and `anyOf` only join some. */
const LEAVES = new Set([
  'above',
  'absent',
  'atLeast',
  'atMost',
  'below',
  'contains',
  'countsAs',
  'equals',
  'exists',
  'hasMembers',
  'lacks',
  'oneOf',
  'sameAs',
]);
/** What makes a whole write with the condition that it is on the row that was read, or on none. */
const WRITES = new Set(['advance', 'begin']);

/** One place in the code that states a condition. */
export interface Site {
  /** File, function and condition, as they read; with a number where they read alike. */
  readonly id: string;
  readonly start: number;
  readonly end: number;
  /** One of several alternatives: the others hold without it. */
  readonly alternative: boolean;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

/** Every place in a file of the ledger that states a condition, in the order of the file. */
export function sitesIn(file: string, text: string): readonly Site[] {
  const found: (Omit<Site, 'id'> & { readonly name: string })[] = [];
  const visit = (node: Node, within: string, parent: string): void => {
    const inside = node.type === 'FunctionDeclaration' ? textOf(text, node['id']) : within;
    const callee = node.type === 'CallExpression' ? textOf(text, node['callee']) : '';
    if (LEAVES.has(callee) || WRITES.has(callee))
      found.push({
        name: `${file} ${inside}: ${LEAVES.has(callee) ? text.slice(node.start, node.end) : callee}`,
        start: node.start,
        end: node.end,
        alternative: parent === 'anyOf',
      });
    for (const child of childrenOf(node)) visit(child, inside, callee === '' ? parent : callee);
  };
  const { program, errors } = parseSync(file, text, { lang: 'ts' });
  if (errors.length > 0) throw new Error(`${file} cannot be parsed`);
  if (isNode(program)) visit(program, 'module', '');
  const alike = Map.groupBy(found, ({ name }) => name);
  return found.map(({ name, ...site }) => {
    const same = alike.get(name) ?? [];
    return {
      id: same.length === 1 ? name : `${name} ${same.findIndex(({ start }) => start === site.start) + 1}`,
      ...site,
    };
  });
}

/** Every place of the ledger. */
export function allSites(): readonly Site[] {
  return ledgerFiles().flatMap((file) => sitesIn(relative(LEDGER, file), readFileSync(file, 'utf8')));
}

/** What a file of the ledger is called in the ids of its sites; undefined where it is none. */
export function ledgerFile(path: string): string | undefined {
  return ledgerFiles().includes(path) ? relative(LEDGER, path) : undefined;
}

function ledgerFiles(): readonly string[] {
  return readdirSync(LEDGER, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(LEDGER, name))
    .toSorted();
}

function childrenOf(node: Node): readonly Node[] {
  return Object.values(node).flatMap((member): Node[] => (Array.isArray(member) ? member : [member]).filter(isNode));
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value && 'end' in value;
}

function textOf(text: string, node: unknown): string {
  return isNode(node) ? text.slice(node.start, node.end) : '';
}
