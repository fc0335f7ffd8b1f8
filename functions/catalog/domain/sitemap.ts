import { toTimestamp, type Instant } from '../../shared/kernel/clock.ts';

const NAMESPACE = 'http://www.sitemaps.org/schemas/sitemap/0.9';
const HEAD = '<?xml version="1.0" encoding="UTF-8"?>';

/** The index of sitemaps, one for each of `months` such as `2026-12`. */
export function sitemapIndexOf(months: readonly string[], publicUrl: string): string {
  const entries = months.map(
    (month) => `<sitemap><loc>${escaped(`${publicUrl}/sitemap/${month}.xml`)}</loc></sitemap>`,
  );
  return `${HEAD}\n<sitemapindex xmlns="${NAMESPACE}">${entries.join('')}</sitemapindex>\n`;
}

/** The sitemap of pages, each with when it last changed. */
export function sitemapOf(pages: readonly { readonly url: string; readonly changedAt: Instant }[]): string {
  const entries = pages.map(
    ({ url, changedAt }) => `<url><loc>${escaped(url)}</loc><lastmod>${toTimestamp(changedAt)}</lastmod></url>`,
  );
  return `${HEAD}\n<urlset xmlns="${NAMESPACE}">${entries.join('')}</urlset>\n`;
}

/** The months from the one of `now` on, `count` of them. */
export function monthsFrom(now: Instant, count: number): readonly string[] {
  const first = new Date(now);
  return Array.from({ length: count }, (_unused, index) =>
    toTimestamp(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + index, 1)).slice(0, 7),
  );
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
