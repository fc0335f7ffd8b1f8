import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import mjml from 'mjml';

const SOURCE = join(import.meta.dirname, 'frame.mjml');

/** MJML wants colours where colours go: these stand for those of the operator. */
const STAND_INS = { '#0b0b01': '[[color]]', '#0b0b02': '[[accent]]', '#0b0b03': '[[onColor]]' } as const;

/** The HTML of mails with slots like `[[title]]`: the frame of all, and the blocks that its content is made of. */
export type Frame = Readonly<Record<string, string>>;

/** Has MJML make the HTML of `frame.mjml`. @throws when MJML does not take it, or a block is not closed */
export async function compileFrame(): Promise<Frame> {
  // No font is fetched from anybody: mails are read with those of the reader's machine.
  const { html } = await mjml(readFileSync(SOURCE, 'utf8'), {
    validationLevel: 'strict',
    fonts: {},
    keepComments: false,
  });
  const compact = Object.entries(STAND_INS).reduce(
    (text, [color, slot]) => text.replaceAll(color, slot),
    html
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/> </g, '><')
      .replaceAll(/(?<=>) | (?=<)/g, ''),
  );
  const blocks: Record<string, string> = {};
  const page = compact.replaceAll(/\[\[block:(\w+)\]\](.*?)\[\[end\]\]/g, (_all, name: string, block: string) => {
    blocks[name] = block.trim();
    return '';
  });
  if (/\[\[(?:block:|end)/.test(page)) throw new Error('A block of frame.mjml is not closed');
  return { page: page.trim(), ...blocks };
}

/** The module that the mail function carries of it. */
export function frameModule(frame: Frame): string {
  const entries = Object.entries(frame).map(([name, html]) => {
    if (html.includes('`') || html.includes('\\') || html.includes('${')) throw new Error(`${name} cannot be quoted`);
    return `  ${name}: \`${html}\`,`;
  });
  return [
    '/** The HTML of mails, made from `scripts/mail/frame.mjml` by `npm run mail:frame`; see ADR 62. A test holds both together. */',
    'export const FRAME = {',
    ...entries,
    '} as const;',
    '',
  ].join('\n');
}
