'use strict';
/*
 * Run in a process of its own by rows-start.ts: loads the handler in argv[2] and prints how long that took
 * since the process began; with an event in argv[3] it makes the first call too. Nothing else is loaded.
 */
const { writeSync } = require('node:fs');
const { handler } = require(process.argv[2]);
const event = process.argv[3];
const context = { awsRequestId: 'bench', getRemainingTimeInMillis: () => 30_000 };

async function main() {
  const loadedAt = performance.now();
  const answer = event === undefined ? undefined : await handler(JSON.parse(event), context);
  const calledAt = performance.now();
  writeSync(1, '\n' + JSON.stringify({ loadedAt, calledAt, status: answer?.statusCode ?? 0 }));
  process.exit(0);
}

void main();
