import type { Report } from './report.ts';

const [BEGIN, END] = ['<!-- on-sale:begin -->', '<!-- on-sale:end -->'];

/** The page with the figures of `report` between its marks. */
export function withReport(page: string, { sections }: Report): string {
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before < 0 || after < before) throw new Error(`The page has no ${BEGIN} … ${END}`);
  const text = sections.map(({ title, lines }) => `### ${title}\n\n${lines.join('\n')}`).join('\n\n');
  return `${page.slice(0, before)}${BEGIN}\n\n${text}\n\n${page.slice(after)}`;
}
