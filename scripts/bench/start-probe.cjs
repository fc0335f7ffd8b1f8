'use strict';
/*
 * Run in a process of its own by rows-start.ts: loads the handler in argv[2] and prints what that took since
 * the process began; with an event in argv[3] it makes the first call too. Nothing else is loaded.
 */
const { handler } = require(process.argv[2]);
const event = process.argv[3];
const context = { awsRequestId: 'bench', getRemainingTimeInMillis: () => 30_000 };

/** Milliseconds since the process began, and of processor time. */
function spent() {
  const wall = performance.now();
  const { user, system } = process.cpuUsage();
  return { wall, processor: (user + system) / 1_000 };
}

async function main() {
  const loaded = spent();
  const answer = event === undefined ? undefined : await handler(JSON.parse(event), context);
  const called = spent();
  process.stdout.write(`\n${JSON.stringify({ loaded, called, status: answer?.statusCode ?? 0 })}\n`, () =>
    process.exit(0),
  );
}

void main();
