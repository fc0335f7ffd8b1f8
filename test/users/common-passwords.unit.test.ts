import { beforeAll, describe, expect, it } from 'vitest';

import { commonPasswords } from '../../functions/users/common-passwords.ts';
import { isAboutPerson, isCommonPassword } from '../../functions/users/domain/common-passwords.ts';

let common: ReadonlySet<string>;
beforeAll(async () => {
  common = await commonPasswords();
});

/** Everything that the other rules ask for, around one word. */
const dressed = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}-2026!!`;

describe('a common password', () => {
  it('is known from more than the three thousand that are asked for (OWASP ASVS 5.0.0, V6.2.4)', () => {
    expect(common.size).toBeGreaterThan(40_000);
    for (const each of ['password', '123456', 'qwerty', 'iloveyou', 'passwort', 'motdepasse', 'contrasena'])
      expect(common.has(each)).toBe(true);
  });

  it('of which none fulfils our other rules is found dressed up, each of the first three thousand words', () => {
    const words = [...common].filter((each) => /^[a-z]{4,}$/.test(each)).slice(0, 3_000);
    expect(words).toHaveLength(3_000);
    expect(words.filter((word) => !isCommonPassword(dressed(word), common))).toEqual([]);
    const policy = /^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)(?=.*[^A-Za-z\d]).{12,}$/;
    expect([...common].filter((each) => policy.test(each))).toEqual([]);
  });

  it.each([
    'Password2026!',
    'Onsale-2026!!',
    'T1ckets-2026!',
    'Password-1234',
    'P@ssw0rd-2026!',
    'Pa$$w0rd12345!',
    '2026!Password',
    '!!!!Passw0rd1',
    'Princ3$$2026!',
    '$ommer2026!!!',
    '!2026!Sommer!2026!',
    'Fr33d0m#12345',
    'L1verpool2026!',
    'I1oveyou-2026!',
    'Qwertzuiop12!',
    'Azertyuiop12!',
    'Poiuytrewq-12',
    'Abcdefghijk1!',
    'Aa1!Aa1!Aa1!',
    'Xk9#Xk9#Xk9#Xk9#',
    'Pássword2026!',
    'PASSWORD-2026',
    'Ｐassword2026!',
    'Qazwsxedcrfv-1',
    '1qaz2wsx3edc!',
  ])('%s is one', (password) => {
    expect(isCommonPassword(password, common)).toBe(true);
  });

  it.each([
    'Onsale-demo-2026!',
    'Correct-Horse-7-Battery',
    'Summer-Harbour-19!',
    'xK9#pL2$vQ7!mN4',
    'Tirili-abcdef-9!',
    'Zwölf-Boxkämpfer-8!',
    'вишнёвый-Сад-1904!',
    '🦜🦜-Papageien-Ab1',
    'aB3$dE6&hI9(kL2)',
    'Password-of-my-cellar-88!',
  ])('%s is none', (password) => {
    expect(isCommonPassword(password, common)).toBe(false);
  });

  it('is told from two hundred thousand random ones: no more than one in ten thousand is taken for one', () => {
    const signs = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789!#$%&*+-=?@';
    let [seed, refused] = [20_261_126, 0];
    const next = (): number => (seed = (seed * 48_271) % 2_147_483_647);
    for (let each = 0; each < 200_000; each += 1) {
      const password = Array.from({ length: 14 }, () => signs[next() % signs.length]).join('');
      if (isCommonPassword(password, common)) refused += 1;
    }
    expect(refused).toBeLessThanOrEqual(20);
  });

  it('is judged in no time that grows faster than the password, whatever is in it', () => {
    const began = performance.now();
    for (const part of ['a', '1', '!', 'ab1!', '1qaz', '$', '\u0301', '🦜'])
      isCommonPassword(part.repeat(200).slice(0, 200), common);
    expect(performance.now() - began).toBeLessThan(500);
  });
});

describe('a password about its person', () => {
  const about = ['zsofia.kovacs+shop@vogelhaus.example', 'Zsófia', 'Kovács-Nagy'];

  it.each([
    'Zsofia-1988!!',
    'Zsófia.Kovács1',
    'ZSOFIA.kovacs+shop@vogelhaus.example1!',
    'Kovacs-Nagy-12!',
    'KovacsNagy1988!',
    'Z50fia-K0vacs-1!',
    'Zsofia-Zsofia-1!',
    '!!Kovacs2026xy',
  ])('%s is one', (password) => {
    expect(isAboutPerson(password, about)).toBe(true);
  });

  it.each([
    'Onsale-demo-2026!',
    'Kovacs-im-Vogelbauer-3!',
    'Zsofia-Papagei-1!',
    'Nagyon-szep-madar-7!',
    'xK9#pL2$vQ7!mN4',
  ])('%s is none', (password) => {
    expect(isAboutPerson(password, about)).toBe(false);
  });

  it('may have a word in common with the host of the address', () => {
    expect(isAboutPerson('Onsale-demo-2026!', ['buyer@onsale.example', 'Bea', 'Buyer'])).toBe(false);
    expect(isAboutPerson('Fuzz-of-2026!', ['somebody-17@fuzz.example', 'Some', 'Body'])).toBe(false);
  });

  it('says nothing of who has a name of two letters, or signs that mean something to expressions', () => {
    expect(isAboutPerson('Bo-Li-Harbour-77!', ['bo@x.example', 'Bo', 'Li'])).toBe(false);
    expect(isAboutPerson('Harbour-Lights-77!', ['a.*b@x.example', '$&', '.*+(['])).toBe(false);
  });
});
