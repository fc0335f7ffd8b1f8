import { describe, expect, it } from 'vitest';

import { keywordsOf, MOST_KEYWORDS } from '../../functions/search/domain/keywords.ts';
import { fold, MOST_TOKENS, tokensOf, wantedBy } from '../../functions/search/domain/text.ts';

describe('folding', () => {
  it.each([
    ['Größenwahn', 'grossenwahn'],
    ['CAFÉ', 'cafe'],
    ['İstanbul', 'istanbul'],
    ['Łódź', 'lodz'],
    ['Ærø', 'aero'],
    ['ＪＡＺＺ', 'jazz'],
    ['ライブ', 'らいぶ'],
    ['ﾗｲﾌﾞ', 'らいぶ'],
    ['ガ', 'が'],
    ['الحدّاد', 'الحداد'],
    ['أحمد', 'احمد'],
    ['مكتبة', 'مكتبه'],
    ['Алёна', 'алена'],
    ['Ὀρφεύς', 'ορφευσ'],
    ['서울', '서울'],
    ['Weihnachts\u00adkonzert', 'weihnachtskonzert'],
    ['\u202eנחמד\u202c', 'נחמד'],
  ])('%s → %s', (text, folded) => {
    expect(fold(text)).toBe(folded);
  });

  it('comes to the same however the text is composed', () => {
    for (const text of ['Düsseldorf', 'ドーム', 'A Coruña', '서울']) {
      expect(fold(text.normalize('NFD'))).toBe(fold(text.normalize('NFC')));
    }
  });
});

describe('tokens', () => {
  it('are words, and pairs of what is written without spaces', () => {
    expect(tokensOf("Guns N' Roses – Live!")).toEqual(['guns', 'n', 'roses', 'live']);
    expect(tokensOf('東京音楽祭2026')).toEqual(['東京', '京音', '音楽', '楽祭', '祭', '2026']);
    expect(tokensOf('서울 재즈')).toEqual(['서울', '울', '재즈', '즈']);
    expect(tokensOf('!?… 🎸')).toEqual([]);
  });

  it('are cut where nobody types any longer', () => {
    expect(tokensOf('a'.repeat(500))).toEqual(['a'.repeat(32)]);
  });
});

describe('what is wanted', () => {
  it('leaves the last word open, and short words as they are', () => {
    expect(wantedBy('jazz in pa')).toEqual([
      { token: 'jazz', spellings: [], prefix: true, typos: 1 },
      { token: 'pa', spellings: [], prefix: true, typos: 0 },
    ]);
    expect(wantedBy('u2 live')[0]).toEqual({ token: 'u2', spellings: [], prefix: false, typos: 0 });
  });

  it.each([
    ['münchen', 'munchen', ['muenchen']],
    ['muenchen', 'muenchen', ['munchen']],
    ['Œuvre', 'oeuvre', ['ouvre']],
    ['Århus', 'arhus', ['aarhus']],
    ['Aarhus', 'aarhus', ['arhus']],
    ['smørrebrød', 'smorrebrod', ['smoerrebroed']],
    ['Größe', 'grosse', ['groesse']],
    ['Bauer', 'bauer', ['baur']],
    ['quartett', 'quartett', []],
  ])('%s is also written otherwise', (typed, token, spellings) => {
    expect(wantedBy(typed)[0]).toMatchObject({ token, spellings });
  });

  it('forgives long words two errors, and numbers none', () => {
    expect(wantedBy('philharmonie 2026').map(({ typos }) => typos)).toEqual([2, 0]);
  });

  it('passes over words that say nothing, unless there are no others', () => {
    expect(wantedBy('die Nacht der Museen').map(({ token }) => token)).toEqual(['nacht', 'museen']);
    expect(wantedBy('The The').map(({ token }) => token)).toEqual(['the']);
  });

  it('asks for pairs of letters exactly, and for a single one wherever it stands', () => {
    expect(wantedBy('音楽祭')).toEqual([
      { token: '音楽', spellings: [], prefix: false, typos: 0 },
      { token: '楽祭', spellings: [], prefix: false, typos: 0 },
    ]);
    expect(wantedBy('祭')).toEqual([{ token: '祭', spellings: [], prefix: true, typos: 0 }]);
  });

  it('is bounded, whatever is typed', () => {
    const letters = Array.from({ length: 200 }, (_unused, at) => String.fromCodePoint(0x4e00 + at)).join('');
    expect(wantedBy(letters)).toHaveLength(MOST_TOKENS);
  });
});

describe('keywords of a description', () => {
  it('are what it says often, without what says nothing or is searched already', () => {
    const text = 'The harbour at night. The harbour of lights: boats, boats and lanterns on the water.';
    expect(keywordsOf(text, new Set(['lights'])).slice(0, 2)).toEqual(['harbour', 'boats']);
    expect(keywordsOf(text, new Set())).not.toContain('the');
  });

  it('are ten at the most, also of ten thousand letters', () => {
    expect(
      keywordsOf('alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu '.repeat(150), new Set()),
    ).toHaveLength(MOST_KEYWORDS);
  });
});
