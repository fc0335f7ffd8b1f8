import * as z from 'zod';

/** A line of CloudWatch's embedded metric format. */
const EmbeddedMetrics = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())).default([]),
        Metrics: z.array(z.object({ Name: z.string(), Unit: z.string().optional() })),
      }),
    ),
  }),
});

interface Series {
  count: number;
  sum: number;
  min: number;
  max: number;
}

/** Aggregates the metric lines that functions log, as CloudWatch would. */
export class Metrics {
  readonly #series = new Map<string, Series>();

  /** Takes a log line; one without embedded metrics changes nothing. */
  read(line: string): void {
    if (!line.includes('"_aws"')) return;
    let parsed: z.infer<typeof EmbeddedMetrics>;
    try {
      parsed = EmbeddedMetrics.parse(JSON.parse(line.slice(line.indexOf('{'))));
    } catch {
      return;
    }
    for (const { Namespace, Dimensions, Metrics: metrics } of parsed._aws.CloudWatchMetrics) {
      for (const dimensions of Dimensions.length === 0 ? [[]] : Dimensions) {
        const labels = dimensions.map((name) => `${identifier(name)}=${JSON.stringify(textOf(parsed[name]))}`);
        for (const { Name } of metrics)
          this.#add(`${identifier(`${Namespace}_${Name}`)}|${labels.join(',')}`, parsed[Name]);
      }
    }
  }

  /** The series in Prometheus's text format: count, sum, min and max since the start. */
  text(): string {
    const lines = [...this.#series]
      .toSorted(([a], [b]) => a.localeCompare(b))
      .flatMap(([key, series]) => {
        const [name = '', labels = ''] = key.split('|');
        const tags = labels === '' ? '' : `{${labels}}`;
        return Object.entries(series).map(([suffix, value]) => `${name}_${suffix}${tags} ${value}`);
      });
    return `# Metric lines logged by the functions since the start.\n${lines.join('\n')}\n`;
  }

  #add(key: string, value: unknown): void {
    const values = (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'number');
    for (const each of values) {
      const series = this.#series.get(key) ?? { count: 0, sum: 0, min: each, max: each };
      series.count += 1;
      series.sum += each;
      series.min = Math.min(series.min, each);
      series.max = Math.max(series.max, each);
      this.#series.set(key, series);
    }
  }
}

function identifier(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]+/g, '_');
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
