/** Questions to the person at the terminal. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

import type { Prompt } from './plan.ts';

type TerminalInput = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/**
 * @param input usually process.stdin; without a terminal every question is answered `undefined`
 * @param output where questions go
 */
export function terminalPrompt(input: TerminalInput, output: NodeJS.WritableStream): Prompt {
  const question = (text: string, echo: boolean): Promise<string | undefined> => {
    if (input.isTTY !== true) return Promise.resolve(undefined);
    output.write(text);
    // readline writes every key it reads to its output; a secret's keys go nowhere.
    const screen = echo
      ? output
      : new Writable({
          write: (_chunk, _encoding, done) => {
            done();
          },
        });
    const lines = createInterface({ input, output: screen, terminal: true });
    return new Promise((resolve) => {
      let answer: string | undefined;
      lines.once('line', (line) => {
        answer = line;
        lines.close();
      });
      // Also Ctrl-C and Ctrl-D: no answer.
      lines.once('close', () => {
        if (!echo) output.write('\n');
        resolve(answer);
      });
    });
  };
  return {
    ask: (text) => question(text, true),
    askSecret: (text) => question(text, false),
  };
}
