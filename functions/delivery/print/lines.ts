import bidiFactory from 'bidi-js';
import LineBreaker from 'linebreak';

import { faceOf, type Weight } from './faces.ts';

/** A stretch of text that one call draws: one font, one direction. */
export interface Run {
  /** In the order of reading; `mirrored` where the direction turns brackets and what no script's font turns itself. */
  readonly text: string;
  readonly font: string;
  readonly level: number;
}

/** A line as it is read from left to right on the page. */
export interface Line {
  readonly runs: readonly Run[];
  readonly width: number;
}

/** A text with its lines, and whether it goes from right to left. */
export interface Paragraph {
  readonly lines: readonly Line[];
  readonly rightToLeft: boolean;
  /** All of it fitted. */
  readonly whole: boolean;
}

/** The width of a run in the unit of the lines. */
export type Measure = (text: string, font: string) => number;

export interface Cluster {
  readonly text: string;
  readonly font: string;
  readonly level: number;
  /** A line may end before it. */
  readonly mayBreak: boolean;
}

const bidi = bidiFactory();
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** Letters that fontkit itself lays out from right to left. */
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}]/u;
const ELLIPSIS = '…';

/**
 * Breaks a text into at most `most` lines of `width`, and puts each into the order in which it is drawn: by Unicode's
 * bidirectional algorithm (UAX 9) and line breaking (UAX 14). What does not fit ends in an ellipsis.
 */
export function layOut(
  { all, base }: Prepared,
  weight: Weight,
  width: number,
  most: number,
  measure: Measure,
): Paragraph {
  const filled = fill(chunksOf(all, measure), width, measure);
  const lines = filled.slice(0, most);
  const last = lines.at(-1);
  const whole = filled.length <= most;
  const ellipsis = { text: ELLIPSIS, font: weight, level: base, mayBreak: false };
  const shown = whole || last === undefined ? lines : [...lines.slice(0, -1), cut(last, ellipsis, width, measure)];
  return { lines: shown.map((line) => lineOf(line, base, measure)), rightToLeft: base % 2 === 1, whole };
}

/** A text with fonts and directions, at whatever size. */
export interface Prepared {
  readonly all: readonly Cluster[];
  /** Level of the paragraph: 1 where it goes from right to left. */
  readonly base: number;
}

/**
 * Finds font and direction of each letter.
 *
 * @param text as `printable` gives it
 */
export function prepare(text: string, weight: Weight): Prepared {
  const { levels, paragraphs } = bidi.getEmbeddingLevels(text, 'auto');
  const base = paragraphs[0]?.level ?? 0;
  const mirrored = bidi.getMirroredCharactersMap(text, levels);
  const breaks = new Set<number>();
  const breaker = new LineBreaker(text);
  for (let at = breaker.nextBreak(); at !== null; at = breaker.nextBreak()) breaks.add(at.position);
  let before: string = weight;
  const all = Array.from(graphemes.segment(text), ({ segment, index }) => {
    const { text: letter, font } = faceOf(mirrored.get(index) ?? segment, weight, before);
    before = font;
    return { text: letter, font, level: levels[index] ?? base, mayBreak: breaks.has(index) };
  });
  return { all, base };
}

/** What stays together on a line, with its width. */
interface Chunk {
  readonly clusters: readonly Cluster[];
  readonly width: number;
  /** Without the spaces behind it, which may hang over the end of a line. */
  readonly inked: number;
}

/** A text in what stays together: each is measured once, however many lines it is tried on. */
function chunksOf(clusters: readonly Cluster[], measure: Measure): readonly Chunk[] {
  const starts = clusters.flatMap(({ mayBreak }, index) => (index === 0 || mayBreak ? [index] : []));
  return starts.map((start, index) => {
    const part = clusters.slice(start, starts[index + 1] ?? clusters.length);
    return { clusters: part, width: widthOf(part, measure), inked: widthOf(trimmed(part), measure) };
  });
}

/** Fills lines one after the other; what is wider than a whole line is broken where it must be. */
function fill(chunks: readonly Chunk[], width: number, measure: Measure): readonly (readonly Cluster[])[] {
  const lines: Cluster[][] = [];
  let line: Cluster[] = [];
  let used = 0;
  for (const chunk of chunks) {
    if (line.length > 0 && used + chunk.inked > width) {
      lines.push(line);
      [line, used] = [[], 0];
    }
    if (chunk.inked <= width) {
      line.push(...chunk.clusters);
      used += chunk.width;
      continue;
    }
    for (const cluster of chunk.clusters) {
      const wide = measure(cluster.text, cluster.font);
      if (line.length > 0 && used + wide > width) {
        lines.push(line);
        [line, used] = [[], 0];
      }
      line.push(cluster);
      used += wide;
    }
  }
  if (line.length > 0) lines.push(line);
  return lines;
}

function cut(line: readonly Cluster[], ellipsis: Cluster, width: number, measure: Measure): readonly Cluster[] {
  let kept = trimmed(line);
  let used = widthOf([...kept, ellipsis], measure);
  while (kept.length > 0 && used > width) {
    const last = kept.at(-1);
    used -= last === undefined ? 0 : measure(last.text, last.font);
    kept = kept.slice(0, -1);
  }
  return [...trimmed(kept), ellipsis];
}

function trimmed(line: readonly Cluster[]): readonly Cluster[] {
  let end = line.length;
  while (end > 0 && line[end - 1]?.text.trim() === '') end -= 1;
  return line.slice(0, end);
}

function widthOf(clusters: readonly Cluster[], measure: Measure): number {
  return runsOf(clusters).reduce((sum, { text, font }) => sum + measure(text, font), 0);
}

function lineOf(clusters: readonly Cluster[], base: number, measure: Measure): Line {
  const logical = runsOf(trimmed(clusters));
  const runs = visually(logical, base).map(drawn);
  return { runs, width: logical.reduce((sum, { text, font }) => sum + measure(text, font), 0) };
}

/** Stretches of one font and one level, in the order of reading. */
function runsOf(clusters: readonly Cluster[]): readonly Run[] {
  const runs: Run[] = [];
  for (const { text, font, level } of clusters) {
    const last = runs.at(-1);
    if (last?.font === font && last.level === level) runs[runs.length - 1] = { ...last, text: last.text + text };
    else runs.push({ text, font, level });
  }
  return runs;
}

/** Rule L2 of UAX 9: from the highest level down to the lowest odd one, what is at least that high is turned round. */
function visually(logical: readonly Run[], base: number): readonly Run[] {
  const runs = [...logical];
  const highest = Math.max(base, ...runs.map(({ level }) => level));
  for (let level = highest; level >= 1; level -= 1) {
    for (let start = 0; start < runs.length; start += 1) {
      let end = start;
      while (end < runs.length && (runs[end]?.level ?? 0) >= level) end += 1;
      if (end === start) continue;
      runs.splice(start, end - start, ...runs.slice(start, end).toReversed());
      start = end;
    }
  }
  return runs;
}

/** Whether letters of the run are laid out from right to left, so that pdfkit must not take its words one by one. */
export function turns(text: string): boolean {
  return RIGHT_TO_LEFT.test(text);
}

/** fontkit turns letters of scripts from right to left round by itself, and nothing else. */
function drawn(run: Run): Run {
  if (run.level % 2 === 0 || RIGHT_TO_LEFT.test(run.text)) return run;
  return {
    ...run,
    text: Array.from(graphemes.segment(run.text), ({ segment }) => segment)
      .toReversed()
      .join(''),
  };
}
