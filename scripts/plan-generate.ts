import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { generatePlan } from './plan/generate.ts';

/** What a plan may have; see LIMITS of functions/venues/domain/plan.ts. */
const MOST_SEATS = 100_000;

const HELP = `npm run plan:generate -- --seats N [--out FILE]

Writes a seating plan in pretix' JSON with exactly N seats, the same for the same N: stalls and balconies in
arcs, boxes, wheelchair places, a standing area.
  --seats N     1 to ${MOST_SEATS}
  --out FILE    where to; without it, to standard output
  --help        this text

Give it to a venue of the local system with
  curl -X PUT -H 'Content-Type: application/gzip' -H "Authorization: Bearer $TOKEN" \\
    --data-binary @<(gzip -9 < FILE) http://127.0.0.1:3000/api/venues/$VENUE/seating-plan`;

const { values } = parseArgs({
  options: { seats: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean' } },
});
if (values.help === true) {
  console.log(HELP);
  process.exit(0);
}
const seats = Number(values.seats);
if (!Number.isInteger(seats) || seats < 1 || seats > MOST_SEATS) {
  console.error(`--seats takes a whole number from 1 to ${MOST_SEATS}.\n\n${HELP}`);
  process.exit(2);
}
const json = JSON.stringify(generatePlan(seats));
if (values.out === undefined) process.stdout.write(`${json}\n`);
else {
  writeFileSync(values.out, json);
  console.log(`${values.out}: ${seats} seats, ${json.length.toLocaleString('en')} bytes`);
}
