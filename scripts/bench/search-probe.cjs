'use strict';
/*
 * Run in a process of its own by search-run.ts, as an execution environment of Lambda would be: loads the handler in
 * argv[2], then calls it with each event that it is sent and answers with what that took. Nothing else is loaded.
 */
const { handler } = require(process.argv[2]);
const context = { awsRequestId: 'bench', functionName: 'bench', getRemainingTimeInMillis: () => 300_000 };

process.on('message', async (event) => {
  const wall = performance.now();
  const processor = process.cpuUsage();
  let answer;
  let error;
  try {
    answer = await handler(event, context);
  } catch (failure) {
    error = String(failure);
  }
  const { user, system } = process.cpuUsage(processor);
  process.send({
    answer,
    error,
    wall: performance.now() - wall,
    processor: (user + system) / 1_000,
    residentMb: process.memoryUsage().rss / 1e6,
    mostMb: (process.resourceUsage().maxRSS * 1_024) / 1e6,
  });
});
