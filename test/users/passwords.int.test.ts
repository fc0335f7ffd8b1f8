import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { hashAddress, normalizeEmail } from '../../functions/users/domain/email.ts';
import { hashPassword, isPassword } from '../../functions/users/passwords.ts';

describe('passwords', () => {
  const pepper = randomBytes(32);

  it('tells the password from any other, names its scheme, and depends on the pepper', async () => {
    const stored = await hashPassword('Correct-horse-1', pepper);
    expect(stored).toMatch(/^bcrypt12-hmac384:\$2b\$12\$/);
    expect(await isPassword('Correct-horse-1', stored, pepper)).toBe(true);
    expect(await isPassword('Correct-horse-2', stored, pepper)).toBe(false);
    expect(await isPassword('Correct-horse-1', stored, randomBytes(32))).toBe(false);
  });

  it('reads a password beyond the 72 bytes where bcrypt stops', async () => {
    const long = 'x'.repeat(100);
    const stored = await hashPassword(`${long}1`, pepper);
    expect(await isPassword(`${long}2`, stored, pepper)).toBe(false);
  });

  it('spends a real bcrypt on an address without an account', async () => {
    // Were the stand-in hash malformed, bcrypt would answer at once and tell that nobody is there.
    const started = process.cpuUsage();
    expect(await isPassword('anything', undefined, pepper)).toBe(false);
    expect(process.cpuUsage(started).user).toBeGreaterThan(30_000);
  });

  it('refuses a hash of an unknown scheme instead of calling the password wrong', async () => {
    await expect(isPassword('anything', 'md5:00', pepper)).rejects.toThrow('unknown scheme');
  });
});

describe('e-mail addresses', () => {
  it.each([
    ['Anna@Example.COM', 'anna@example.com'],
    ['  anna@example.com ', 'anna@example.com'],
    ['anna@bücher.example', 'anna@xn--bcher-kva.example'],
    ['ANNA@BÜCHER.example', 'anna@xn--bcher-kva.example'],
    ['ａnna@example.com', 'anna@example.com'],
  ])('%s is found as %s', (written, normal) => {
    expect(normalizeEmail(written)).toBe(normal);
  });

  it('takes what is no address without failing', () => {
    for (const text of ['', '@', 'a@', '@b', 'nobody', 'a@b c']) expect(typeof normalizeEmail(text)).toBe('string');
  });

  it('is hashed by key, so that the table does not tell who has an account', () => {
    const key = randomBytes(32);
    expect(hashAddress(key, 'Anna@example.com')).toBe(hashAddress(key, 'anna@EXAMPLE.com'));
    expect(hashAddress(randomBytes(32), 'anna@example.com')).not.toBe(hashAddress(key, 'anna@example.com'));
  });
});
