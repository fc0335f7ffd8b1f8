import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { compileFrame, frameModule } from './mail/frame.ts';

const PATH = 'functions/notifications/domain/frame.ts';

writeFileSync(join(import.meta.dirname, '..', PATH), frameModule(await compileFrame()));
console.log(`written: ${PATH}`);
