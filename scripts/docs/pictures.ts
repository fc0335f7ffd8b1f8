import { Resvg } from '@resvg/resvg-js';
import { createRequire } from 'node:module';
import { PNG } from 'pngjs';

import { importPlan } from '../../functions/venues/domain/import-plan.ts';
import { drawPlan } from '../../functions/venues/domain/picture.ts';
import { generatePlan } from '../plan/generate.ts';

/** Where the picture of a plan stands, from the repository's root. */
export const PLAN_PICTURE = 'docs/pictures/seating-plan.png';

const SEATS = 1_000;
const WIDTH = 900;
/** The one font that the picture may take letters from, so that it is the same on every machine. */
const FONT = createRequire(import.meta.url).resolve('@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf');

/** A generated plan of a thousand seats as the importer takes it in, drawn as a venue's page shows it, in pixels. */
export function planPicture(): { readonly png: Uint8Array; readonly pixels: Uint8Array } {
  const imported = importPlan(JSON.parse(JSON.stringify(generatePlan(SEATS))));
  if (imported.plan === undefined) throw new Error('The generated plan is refused');
  const picture = new Resvg(drawPlan(imported.plan), {
    fitTo: { mode: 'width', value: WIDTH },
    font: { fontFiles: [FONT], loadSystemFonts: false, defaultFontFamily: 'Noto Sans' },
  }).render();
  return { png: picture.asPng(), pixels: picture.pixels };
}

/** Of 255; and how many bytes may differ by more, since processors round curves differently. A seat is three times that. */
const SHADE = 24;
const TOLERATED = 100;

/** Whether a PNG shows what {@link planPicture} draws. */
export function isPlanPicture(png: Buffer): boolean {
  const { pixels } = planPicture();
  const { data } = PNG.sync.read(png);
  if (data.length !== pixels.length) return false;
  const others = pixels.filter((value, at) => Math.abs(value - (data[at] ?? 0)) > SHADE).length;
  return others <= TOLERATED;
}
