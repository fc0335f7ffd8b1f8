import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { openBrowser } from '../docs/browser.ts';
import { qrPng } from '../../functions/delivery/documents.ts';
import { STAGES } from '../../lib/stages.ts';
import { documentedPictures, MAIL_PICTURES, MOST_PICTURE_BYTES, pictureFile } from './documented.ts';
import { samples, type Sample } from './samples.ts';

/** As wide as a phone. */
const WIDTH = 390;
/** Tried in this order, until a picture is small enough for the documentation. */
const QUALITIES = [45, 30, 20, 10];

/** How the reader's mail program is set. */
export interface Looks {
  readonly width?: number;
  readonly dark?: boolean;
}

/**
 * Draws each mail as a WebP picture, by Chromium: the whole of it, as wide as a phone unless said. Nothing is fetched.
 *
 * @param take is given each as soon as it is drawn
 */
export async function drawMails(
  mails: readonly Pick<Sample, 'html'>[],
  { width = WIDTH, dark = false }: Looks,
  take: (picture: Uint8Array, index: number) => void,
): Promise<void> {
  const code = `data:image/png;base64,${Buffer.from(await qrPng('OT1:SAMPLE')).toString('base64')}`;
  const browser = await openBrowser();
  try {
    const context = await browser.newContext({
      viewport: { width, height: 200 },
      colorScheme: dark ? 'dark' : 'light',
      javaScriptEnabled: false,
      offline: true,
    });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    for (const [index, { html }] of mails.entries()) {
      await page.setContent(html.replaceAll(/"cid:[^"]+"/g, `"${code}"`));
      const height = Math.ceil((await page.locator('body').boundingBox())?.height ?? 0);
      let picture = Buffer.alloc(0);
      for (const quality of QUALITIES) {
        const { data } = await session.send('Page.captureScreenshot', {
          format: 'webp',
          quality,
          captureBeyondViewport: true,
          clip: { x: 0, y: 0, width, height, scale: 1 },
        });
        picture = Buffer.from(data, 'base64');
        if (picture.length <= MOST_PICTURE_BYTES) break;
      }
      take(picture, index);
    }
  } finally {
    await browser.close();
  }
}

/** Draws the pictures of `docs/mails.md` anew. @returns how many there are */
export async function drawDocumented(): Promise<number> {
  const folder = join(import.meta.dirname, '..', '..', MAIL_PICTURES);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const pictures = documentedPictures();
  for (const dark of [false, true]) {
    const wanted = pictures.filter(({ as }) => (as === 'dark') === dark);
    const mails = wanted.map(({ template, language, as }) => {
      const found = samples(as === 'hostile', STAGES.local).find(
        (sample) => sample.template === template && sample.language === language,
      );
      if (found === undefined) throw new Error(`There is no mail ${template} in ${language}`);
      return found;
    });
    await drawMails(mails, { dark }, (bytes, index) => {
      const picture = wanted[index];
      if (picture !== undefined) writeFileSync(join(folder, pictureFile(picture)), bytes);
    });
  }
  return pictures.length;
}
