import { describe, expect, it } from 'vitest';

import { event, find, indexOf, namesOf } from './events.ts';

const titlesOf = (text: string, titles: readonly string[]): readonly string[] => {
  const events = titles.map((title) => event(title));
  return namesOf(find(indexOf(events), text), events).toSorted();
};
/** Enough that are found plainly, so that nothing is read more generously. */
const OTHERS = ['Konzert eins', 'Konzert zwei', 'Konzert drei'];

describe('the end of a compound', () => {
  it('is found where the beginning is a word of the index, with the letters that join them, and an ending', () => {
    const titles = ['Weihnachtskonzert', 'Sommerkonzerte', 'Weihnachtsmarkt', 'Sommer im Park'];
    expect(titlesOf('konzert', [...titles, ...OTHERS])).toEqual(
      [...OTHERS, 'Sommerkonzerte', 'Weihnachtskonzert'].toSorted(),
    );
  });

  it('is no end by chance: of a beginning that is no word, or is too short for one', () => {
    const titles = ['Oper eins', 'Oper zwei', 'Oper drei', 'Developer', 'Development', 'Trooper'];
    expect(titlesOf('oper', titles)).toEqual(titles.slice(0, 3).toSorted());
  });

  it('is found behind any beginning while there is hardly anything else', () => {
    expect(titlesOf('konzert', ['Abokonzert', 'Konzertina'])).toEqual(['Abokonzert', 'Konzertina']);
  });

  it('comes after the word itself and its continuations', () => {
    const events = [event('Sommerkonzert'), event('Konzertreise'), event('Konzert'), event('Sommerfest')];
    expect(namesOf(find(indexOf(events), 'konzert'), events)).toEqual(['Konzert', 'Konzertreise', 'Sommerkonzert']);
  });

  it('does not lie across two words of the index', () => {
    // In the dictionary, which is one text, "barockon" comes right before "zertifikat".
    expect(titlesOf('konzert', ['Barockon', 'Zertifikat'])).toEqual([]);
  });
});
