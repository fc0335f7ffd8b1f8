/** `npm run export:open`: opens a person's export. See `--help`. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { CannotOpenError, openExport, saveOpened } from './export/open.ts';
import { terminalPrompt } from './setup/terminal.ts';

const HELP = `Opens what GET /api/users/{id}/export answered, encrypted or not, and prints its JSON.

  npm run --silent export:open -- FILE              prints it
  npm run export:open -- FILE --out opened.json     writes it, readable by you alone; never over a file

  --passphrase-file F   read the passphrase from the first line of F instead of asking for it
  --out F               where to write the JSON
  --help                this text

An encrypted export is an age file (age-encryption.org/v1): age --decrypt FILE opens it as well. There
is no option for the passphrase itself, since others on this machine can read command lines.
Exit code: 0 opened, 1 not.`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      'passphrase-file': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new CannotOpenError('Name one file. Try --help.');
  const { out, 'passphrase-file': passphraseFile } = values;
  const text = await openExport(readFileSync(file), () => passphraseFrom(passphraseFile));
  if (out === undefined) console.log(text);
  else saveOpened(out, text);
}

async function passphraseFrom(file: string | undefined): Promise<string> {
  if (file !== undefined) return readFileSync(file, 'utf8').split(/\r?\n/)[0] ?? '';
  const typed = await terminalPrompt(process.stdin, process.stderr).askSecret('Passphrase: ');
  if (typed === undefined) throw new CannotOpenError('The file is encrypted: give --passphrase-file.');
  return typed;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : 'It could not be opened.');
  process.exitCode = 1;
}
