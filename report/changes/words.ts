/** Tables of changes under load, for every form of the report alike. */
import type { Ratio } from '../../gap/ratio.ts'
import type { Spread, TakeoverRow } from '../../gap/takeover.ts'
import type { WritesRow } from '../../gap/writes.ts'
import { figure, times, withInterval } from '../table.ts'

/** @param wide with the least and the most of the rounds, for which a terminal of 80 columns has no room */
const spread = (value: Spread | undefined, wide: boolean) =>
  value === undefined
    ? '-'
    : `${figure(value.median)}${wide ? ` (${figure(value.least)} to ${figure(value.most)})` : ''}`

interface Column<Row> {
  name: string
  of: (row: Row) => string
}

/** The head first. */
const tableOf = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]) => ({
  head: columns.map(({ name }) => name),
  body: rows.map((row) => columns.map(({ of }) => of(row))),
})

export function takeoverTable(rows: readonly TakeoverRow[], wide: boolean) {
  const columns: Column<TakeoverRow>[] = [
    { name: 'side', of: ({ key }) => key },
    { name: 'clients', of: ({ clients }) => String(clients) },
    ...(wide ? [{ name: 'order ms', of: ({ orderMs }: TakeoverRow) => spread(orderMs, wide) }] : []),
    { name: 'first new', of: ({ firstNewMs }) => spread(firstNewMs, wide) },
    { name: 'last old', of: ({ lastOldMs }) => spread(lastOldMs, wide) },
    { name: 'p50', of: ({ p50Ms }) => spread(p50Ms, wide) },
    { name: 'longest', of: ({ longestMs }) => spread(longestMs, wide) },
    ...(wide
      ? [
          {
            name: 'p99 after ÷ before [95 %]',
            of: ({ p99AfterToBefore: ratio }: TakeoverRow) => (ratio ? withInterval(ratio) : '-'),
          },
          { name: 'old', of: ({ answers }: TakeoverRow) => answers.old.toLocaleString('en') },
          { name: 'new', of: ({ answers }: TakeoverRow) => answers.new.toLocaleString('en') },
        ]
      : []),
    { name: 'neither', of: ({ answers }) => String(answers.neither) },
    { name: 'failed', of: ({ answers }) => String(answers.failed) },
    // Where the new model, or the old one, did not answer in the time of a round.
    ...(rows.some(({ unseen }) => unseen > 0)
      ? [{ name: 'unseen', of: ({ unseen }: TakeoverRow) => String(unseen) }]
      : []),
  ]
  return tableOf(columns, rows)
}

/** What the columns mean. */
export const takeoverInWords =
  'ms from the order to the first answer by the new model, and to the last by the old; of an answer before it (p50), and the longest that was waited for in the second after it'

/** In a terminal of 80 columns there is no room for intervals. */
export function writesTable(rows: readonly WritesRow[], wide: boolean) {
  // The first number of writes that was given, which need not be the least.
  const first = rows[0]?.due ?? 0
  const ratio = (value: Ratio | undefined) =>
    value ? (wide ? withInterval(value) : times(value.median)) : ''
  const columns: Column<WritesRow>[] = [
    { name: 'side', of: ({ key }) => key },
    { name: 'clients', of: ({ clients }) => String(clients) },
    { name: 'writes/s', of: ({ due, made }) => (wide ? `${figure(made)} of ${due}` : figure(made)) },
    ...(wide ? [{ name: 'TPS', of: ({ tps }: WritesRow) => figure(tps) }] : []),
    { name: 'p50', of: ({ p50Ms }) => figure(p50Ms) },
    ...(wide ? [{ name: `÷ at ${first}`, of: ({ p50Ratio }: WritesRow) => ratio(p50Ratio) }] : []),
    { name: 'p99', of: ({ p99Ms }) => figure(p99Ms) },
    { name: `÷ at ${first}`, of: ({ p99Ratio }) => ratio(p99Ratio) },
    ...(wide ? [{ name: 'write ms', of: ({ writeMs }: WritesRow) => figure(writeMs ?? Number.NaN) }] : []),
    { name: 'oldest', of: ({ oldestMs }) => figure(oldestMs) },
    { name: 'stale', of: ({ stale }) => String(stale) },
    { name: 'wrong', of: ({ neither }) => String(neither) },
    ...(wide ? [{ name: 'failed', of: ({ failed }: WritesRow) => String(failed) }] : []),
  ]
  return tableOf(columns, rows)
}

/** What the columns mean. */
export const writesInWords =
  'ms; oldest: since what an answer tells was replaced, when it came; stale: asked for after that, and told all the same; wrong: what its key never was'
