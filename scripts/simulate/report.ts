import type { Request } from './arguments.ts';
import type { Arrival } from './arrivals.ts';
import { plotOf } from './plot.ts';
import {
  blocksByRule,
  PACE,
  PACED_BLOCKS,
  pacedSale,
  replay,
  unpaced,
  wholeDemand,
  type Settings,
} from './scenarios.ts';
import { namedTableOf, tableOf } from './tables.ts';
import type { Summary } from './summary.ts';

/** A part of a report: a heading, what was simulated, and its figures. */
export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
  readonly rows: readonly { readonly name: string; readonly summary: Summary }[];
}

/** A report: the same for the same request, byte by byte. */
export interface Report {
  readonly sections: readonly Section[];
  readonly svg: string;
}

type Progress = (text: string) => void;

/** Simulates what was asked for. @param trace who came when, where a trace is replayed */
export async function makeReport(
  request: Pick<Request, 'settings' | 'blocks' | 'only'>,
  trace: readonly Arrival[] | undefined,
  progress: Progress,
): Promise<Report> {
  const { settings, blocks, only } = request;
  if (trace !== undefined) {
    const section = await compared('replayed trace', blocks, progress, (each) => replay(settings, each, trace));
    return report([section], `Replay of ${trace.length.toLocaleString('en')} arrivals`);
  }
  const sections: Section[] = [];
  const wants = (part: Request['only']): boolean => only === undefined || only === part;
  if (wants('unpaced'))
    sections.push(await compared(crowdOf(settings), blocks, progress, (each) => unpaced(settings, each)));
  if (wants('stranded'))
    sections.push(
      await compared(
        `${settings.tickets.toLocaleString('en')} tickets, and parties of two and more who want exactly as many`,
        blocks,
        progress,
        (each) => wholeDemand(settings, each),
      ),
    );
  if (wants('paced')) sections.push(await pacedSection(settings, progress));
  if (only === undefined) sections.push(await sensitivity(settings, progress));
  return report(sections, crowdOf(settings));
}

function crowdOf({ buyers, seconds, tickets }: Settings): string {
  const [who, what] = [buyers, tickets].map((count) => count.toLocaleString('en'));
  return `${who} buyers in ${seconds} s for ${what} tickets`;
}

async function compared(
  title: string,
  blocks: readonly number[],
  progress: Progress,
  run: (blocks: number) => Promise<Summary>,
): Promise<Section> {
  const rows: { name: string; summary: Summary }[] = [];
  for (const each of blocks) {
    progress(`${title}: ${each} blocks`);
    rows.push({ name: `${each} blocks`, summary: await run(each) });
  }
  return { title, lines: tableOf(rows.map(({ summary }) => summary)), rows };
}

async function named(
  title: string,
  runs: readonly { readonly name: string; readonly run: () => Promise<Summary> }[],
  progress: Progress,
): Promise<Section> {
  const rows: { name: string; summary: Summary }[] = [];
  for (const { name, run } of runs) {
    progress(`${title}: ${name}`);
    rows.push({ name, summary: await run() });
  }
  return { title, lines: namedTableOf(rows), rows };
}

function pacedSection(settings: Settings, progress: Progress): Promise<Section> {
  return named(
    `${PACE} buyers a second, let in by a waiting room`,
    [PACED_BLOCKS, 24, 32].map((blocks) => ({ name: `${blocks} blocks`, run: () => pacedSale(settings, blocks) })),
    progress,
  );
}

/** How the figures move with what is only assumed. */
function sensitivity(settings: Settings, progress: Progress): Promise<Section> {
  const rule = blocksByRule(settings);
  const lock = (from: number, to: number): Settings => ({
    ...settings,
    dynamo: { ...settings.dynamo, lock: { from, to } },
  });
  const anyFree: Settings = { ...settings, crowd: { ...settings.crowd, environments: 'ANY_FREE' } };
  const warm = (warmWrites: number): Settings => ({ ...settings, dynamo: { ...settings.dynamo, warmWrites } });
  return named(
    'Sensitivity',
    [
      { name: 'paced, locks of 5–10 ms', run: () => pacedSale(lock(5, 10), PACED_BLOCKS) },
      { name: 'paced, locks of 10–50 ms', run: () => pacedSale(lock(10, 50), PACED_BLOCKS) },
      { name: 'paced, any free environment next', run: () => pacedSale(anyFree, PACED_BLOCKS) },
      { name: 'unpaced, locks of 5–10 ms', run: () => unpaced(lock(5, 10), rule) },
      { name: 'unpaced, locks of 10–50 ms', run: () => unpaced(lock(10, 50), rule) },
      { name: 'unpaced, any free environment next', run: () => unpaced(anyFree, rule) },
      { name: 'unpaced, half as warm a table', run: () => unpaced(warm(settings.dynamo.warmWrites / 2), rule) },
      { name: 'unpaced, a new table', run: () => unpaced(warm(4_000), rule) },
    ],
    progress,
  );
}

function report(sections: readonly Section[], caption: string): Report {
  return {
    sections,
    svg: plotOf(
      (sections[0]?.rows ?? []).map(({ summary }) => summary),
      caption,
    ),
  };
}
