import { LIMITS } from './plan.ts';

/** Something at a place of the plan, such as `zones.0.rows.3.seats.12.category`. */
export interface Finding {
  readonly path: string;
  readonly message: string;
}

/** Faults that are listed; a plan of 100,000 seats can have more than anybody reads. */
const MOST_FAULTS = 100;
const MOST_WARNINGS = 50;

/**
 * What was found while a plan was read. Faults refuse the plan; warnings tell what was mended or left out,
 * one for each kind, with how often.
 */
export class Findings {
  readonly #faults: Finding[] = [];
  readonly #warnings = new Map<string, { path: string; count: number }>();
  #unlisted = 0;

  fault(path: string, message: string): void {
    if (this.#faults.length < MOST_FAULTS) this.#faults.push({ path, message });
    else this.#unlisted += 1;
  }

  warn(path: string, message: string): void {
    const known = this.#warnings.get(message);
    if (known === undefined) this.#warnings.set(message, { path, count: 1 });
    else known.count += 1;
  }

  get faults(): readonly Finding[] {
    if (this.#unlisted === 0) return this.#faults;
    return [...this.#faults, { path: '', message: `There are ${this.#unlisted} more faults` }];
  }

  get warnings(): readonly Finding[] {
    return [...this.#warnings]
      .slice(0, MOST_WARNINGS)
      .map(([message, { path, count }]) => ({ path, message: count === 1 ? message : `${message} (${count} times)` }));
  }
}

/** A member of a JSON object, or undefined; nothing that an object inherits. */
export function member(of: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(of, name) ? of[name] : undefined;
}

/** Reads values out of JSON that anybody may have written, noting what is wrong with them. */
export class Reader {
  readonly findings = new Findings();

  object(value: unknown, path: string, known: readonly string[]): Readonly<Record<string, unknown>> | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.findings.fault(path, 'This must be an object');
      return undefined;
    }
    const members: Record<string, unknown> = { ...value };
    for (const name of Object.keys(members)) {
      if (!known.includes(name)) this.findings.warn(at(path, printable(name)), 'This is not known and was left out');
    }
    return members;
  }

  /** The members of an array, at most `most`; an absent one is empty. */
  array(value: unknown, path: string, most: number): readonly unknown[] {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) {
      this.findings.fault(path, 'This must be an array');
      return [];
    }
    const members: unknown[] = value;
    if (members.length > most) this.findings.fault(path, `There may be at most ${most}; these are ${members.length}`);
    return members.slice(0, most);
  }

  /** Text on one line, trimmed; undefined for none. A number is taken for its digits. */
  text(value: unknown, path: string): string | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'number' && Number.isFinite(value)) {
      this.findings.warn(path, 'A number was read as text');
      return String(value);
    }
    if (typeof value !== 'string') {
      this.findings.fault(path, 'This must be text');
      return undefined;
    }
    const hostile = hostility(value);
    if (hostile !== undefined) {
      this.findings.fault(path, hostile);
      return undefined;
    }
    const text = value.trim();
    if (text.length > LIMITS.text) {
      this.findings.fault(path, `This may have at most ${LIMITS.text} characters`);
      return undefined;
    }
    return text;
  }

  /** Text that says something; an empty one is none. */
  words(value: unknown, path: string): string | undefined {
    const text = this.text(value, path);
    return text === '' ? undefined : text;
  }

  /** A finite number within the drawing, to a hundredth. */
  number(value: unknown, path: string, least: number = -LIMITS.coordinate): number | undefined {
    const bad = (message: string): undefined => {
      this.findings.fault(path, message);
    };
    if (typeof value !== 'number') return bad('This must be a number');
    if (!Number.isFinite(value)) return bad('This must be a finite number');
    if (value < least || value > LIMITS.coordinate) {
      return bad(`This must lie between ${least} and ${LIMITS.coordinate}`);
    }
    // Adding zero turns minus zero into zero, as JSON does.
    return Math.round(value * 100) / 100 + 0;
  }

  /** As {@link number}, whole and not negative; a fraction is rounded. */
  whole(value: unknown, path: string, least = 0): number | undefined {
    const number = this.number(value, path, least);
    if (number === undefined || Number.isInteger(number)) return number;
    this.findings.warn(path, 'A fraction was rounded');
    return Math.round(number);
  }

  point(value: unknown, path: string): { readonly x: number; readonly y: number } | undefined {
    const members = this.object(value, path, ['x', 'y']);
    if (members === undefined) return undefined;
    const x = this.number(member(members, 'x'), at(path, 'x'));
    const y = this.number(member(members, 'y'), at(path, 'y'));
    return x === undefined || y === undefined ? undefined : { x, y };
  }

  /** A CSS colour in a form that is safe anywhere; others are left out. */
  color(value: unknown, path: string): string | undefined {
    const text = this.words(value, path)?.toLowerCase();
    if (text === undefined) return undefined;
    if (/^#(?:[\da-f]{3,4}|[\da-f]{6}|[\da-f]{8})$/.test(text) || /^[a-z]{3,22}$/.test(text)) return text;
    const hex = hexOf(text);
    if (hex === undefined) this.findings.warn(path, 'This colour is not known and was left out');
    return hex;
  }

  /** One of `words`, or undefined with a warning. */
  choice<Word extends string>(value: unknown, path: string, words: readonly Word[]): Word | undefined {
    if (value === undefined || value === null) return undefined;
    const found = words.find((word) => word === value);
    if (found === undefined) this.findings.warn(path, `Only ${words.join(', ')} are known; this was left out`);
    return found;
  }
}

/** A path one step further in. */
export function at(path: string, step: string | number): string {
  return path === '' ? String(step) : `${path}.${step}`;
}

/** `rgb(255, 0, 10)` as `#ff000a`. */
function hexOf(color: string): string | undefined {
  const parts = /^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/.exec(color)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

/** What of a text could harm whoever shows it; everything is escaped as well, so this is the outer wall. */
function hostility(text: string): string | undefined {
  if (!text.isWellFormed()) return 'This is not well-formed Unicode';
  if (/\p{Cc}/u.test(text)) return 'Control characters are not allowed';
  if (/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u.test(text)) {
    return 'Characters that turn the direction of text are not allowed';
  }
  if (/<\s*[a-z!/?]|javascript\s*:/iu.test(text)) return 'Markup and scripts are not allowed';
  return undefined;
}

/** A member's name as it may be shown back: whoever wrote it may have written anything. */
function printable(name: string): string {
  return name.replaceAll(/[^\w-]/g, '?').slice(0, 40);
}
