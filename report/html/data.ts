/** What the charts show, as plain rows: each chart has them in a table behind it, too. */
import { mergedHistogram } from '../../gap/figures.ts'
import { grouped } from '../../gap/grouped.ts'
import { isOpenModel, type MeasuredBlock, predictingSides } from '../../gap/measurement.ts'
import { ratioOf } from '../../gap/ratio.ts'
import type { Share } from '../../gap/shares.ts'
import type { Run } from '../run.ts'
import { clientsInWords, mainGap } from '../words.ts'

/** Sides that predict, in the order in which they are told of everywhere. */
export const sidesOf = ({ verdict }: Run): string[] => [...new Set(verdict.figures.map(({ key }) => key))]

/** A dot a block. */
export function blockRates({ measurement }: Run) {
  const predicting = predictingSides(measurement)
  return measurement.blocks
    .filter(({ key }) => predicting.includes(key))
    .map(({ key, clients, pair, session, tps }) => ({ key, clients, pair, session, tps }))
}

/** Whether there is a line to draw by number of clients. */
export const hasSeveral = ({ measurement }: Run) => measurement.settings.clients.length > 1

/** Of what differs from one block to the next, as a ratio's interval is made. */
function intervalOf(
  blocks: readonly MeasuredBlock[],
  seed: number,
  value: (block: MeasuredBlock) => number | null,
) {
  const sessions = [...new Set(blocks.map(({ session }) => session))]
  const values = sessions.map((session) =>
    blocks.filter((block) => block.session === session).flatMap((block) => value(block) || []),
  )
  const { low, high } = ratioOf(values, seed)
  return { low, high }
}

/** A figure with what its blocks say of how sure it is; of a single block that is nothing. */
export interface Bar {
  key: string
  value: number
  low?: number
  high?: number
}

function barsOf(
  { verdict, measurement }: Run,
  figure: (figures: Run['verdict']['figures'][number]) => number,
  ofBlock: (block: MeasuredBlock) => number | null,
): Bar[] {
  return verdict.figures.flatMap((figures) => {
    const { key, clients } = figures
    const value = figure(figures)
    if (!Number.isFinite(value)) return []
    const blocks = measurement.blocks.filter((block) => block.key === key && block.clients === clients)
    const known = blocks.filter(ofBlock)
    return [{ key, value, ...(known.length > 1 && intervalOf(known, measurement.settings.seed, ofBlock)) }]
  })
}

/** Answers a second of each side, where there is one number of clients. */
export const rateBars = (run: Run): Bar[] =>
  barsOf(
    run,
    ({ tps }) => tps,
    ({ tps }) => tps,
  )

const percentiles = { p50: 'p50Ms', p95: 'p95Ms', p99: 'p99Ms' } as const

/** Latencies of each side, there. */
export const latencyBars = (run: Run): (Bar & { figure: string })[] =>
  Object.entries(percentiles).flatMap(([figure, ofBlock]) =>
    barsOf(
      run,
      ({ latencyMs }) => latencyMs[figure as keyof typeof percentiles],
      ({ ok }) => ok[ofBlock],
    ).map((bar) => ({ ...bar, figure })),
  )

/** Somebody else's answers a second, of sides that this run has, too. */
export function publishedRates(run: Run) {
  const known = sidesOf(run)
  return (run.published?.curve ?? []).flatMap(({ clients, tps, between }) =>
    Object.entries(tps)
      .filter(([key]) => known.includes(key))
      .map(([key, value]) => ({ key, clients, tps: value, between: between ?? 'nothing' })),
  )
}

/** Numbers of clients of a chart that shows both. */
export const clientsOf = (run: Run): number[] =>
  [
    ...new Set([...run.measurement.settings.clients, ...publishedRates(run).map(({ clients }) => clients)]),
  ].sort((a, b) => a - b)

/** Shares of the gaps by the other builds of the last side that they were found out with, one list each. */
export const sharesByBuild = ({ verdict: { shares = [] } }: Run) => grouped(shares, ({ by }) => by)

/** Each factor of the gaps from where the one before ends, on an axis of ratios. */
export const factors = (shares: readonly Share[]) =>
  shares.flatMap(({ key, clients, architecture, implementation }) => {
    const whole = architecture.median * implementation.median
    return [
      { key, clients, factor: 'architecture', from: 1, to: architecture.median },
      { key, clients, factor: 'implementation', from: architecture.median, to: whole },
    ]
  })

/** Median, 95th and 99th percentile by number of clients. */
export function latencies({ verdict }: Run) {
  return verdict.figures.flatMap(({ key, clients, latencyMs }) =>
    (['p50', 'p95', 'p99'] as const).flatMap((figure) =>
      Number.isFinite(latencyMs[figure]) ? [{ key, clients, figure, ms: latencyMs[figure] }] : [],
    ),
  )
}

export function gaps({ verdict, measurement }: Run) {
  return verdict.gaps.flatMap((gap) => {
    const { key, clients, p50, p95, p99 } = gap
    const [name, first] = mainGap(measurement, gap)
    return Object.entries({ [name]: first, 'p50 latency': p50, 'p95 latency': p95, 'p99 latency': p99 }).map(
      ([figure, ratio]) => ({ key, clients, figure, ...ratio }),
    )
  })
}

/** Somebody else's gap in TPS, where this run has one beside which it can stand. */
export const publishedGap = ({ published, measurement }: Run) =>
  isOpenModel(measurement) ? undefined : published?.gap?.tps

/**
 * The gap in its first figure as far as a chart shows it: an interval of few pairs may reach far above all else, that of a single one has
 * no end, and would leave the medians no room.
 */
export function gapsInView(run: Run) {
  const rows = run.verdict.gaps.map((gap) => {
    const [, ratio] = mainGap(run.measurement, gap)
    return { key: gap.key, clients: gap.clients, ...ratio }
  })
  const theirs = publishedGap(run) ?? 0
  const edge = 2 * Math.max(theirs, ...rows.map(({ median }) => median))
  const shown = rows.map((row) => ({ ...row, end: Math.min(row.high, edge), isCut: row.high > edge }))
  const top = Math.max(1.1 * theirs, ...shown.flatMap(({ median, end }) => [1.05 * median, end]))
  return { rows: shown, top }
}

/** Percentiles at which the distribution is drawn: closer where the tail is. */
const ranks = [...Array.from({ length: 99 }, (_, index) => index + 1), ...[99.5, 99.7, 99.9, 99.95, 99.99]]

/** At the smallest number of clients, where latency is service time and no queue. */
export function distribution(run: Run) {
  const fewest = Math.min(...run.measurement.settings.clients)
  return sidesOf(run).flatMap((key) => {
    const blocks = run.measurement.blocks.filter((block) => block.key === key && block.clients === fewest)
    const histogram = mergedHistogram(blocks.map(({ ok }) => ok))
    if (histogram.totalCount === 0) return []
    // A rank beyond the last request would only draw the maximum again.
    const most = 100 * (1 - 1 / histogram.totalCount)
    return ranks
      .filter((rank) => rank <= most)
      .map((rank) => ({ key, clients: fewest, rank, ms: histogram.getValueAtPercentile(rank) / 1e6 }))
  })
}

/** Rate of each turn over the time of its session, thinned to what a chart can show. */
export function overTime({ measurement }: Run) {
  const clients = Math.min(...measurement.settings.clients)
  return measurement.settings.sides.flatMap((key) => {
    const turns = measurement.blocks
      .filter((block) => block.key === key && block.clients === clients)
      .flatMap(({ session, turns }) => turns.map((turn) => ({ ...turn, session })))
      .filter(({ busyMs }) => busyMs > 0)
    const step = Math.max(1, Math.ceil(turns.length / 400))
    // Only turns of one session are put together, and none is left out where one ends.
    return grouped(turns, ({ session }) => session).flatMap((ofSession) =>
      Array.from({ length: Math.ceil(ofSession.length / step) }, (_, part) => {
        const own = ofSession.slice(part * step, (part + 1) * step)
        const [first] = own as [(typeof own)[number]]
        const sum = (of: 'requests' | 'busyMs') => own.reduce((total, turn) => total + turn[of], 0)
        return {
          key,
          session: first.session,
          seconds: first.endMs / 1000,
          ms: sum('busyMs') / Math.max(1, sum('requests')),
        }
      }),
    )
  })
}

/** Bytes of each side: the peak of training, and what serving has resident, all parts of a side together. */
export function memory({ training = {}, serving = [] }: Run) {
  return [
    ...Object.entries(training).map(([key, { peakBytes }]) => ({ what: 'training', key, bytes: peakBytes })),
    ...serving.flatMap(({ clients, parts }) =>
      [...new Set(parts.map(({ side }) => side))].map((key) => ({
        what: `serving, ${clientsInWords(clients)}`,
        key,
        bytes: parts.reduce((sum, { side, bytes }) => sum + (side === key ? bytes : 0), 0),
      })),
    ),
  ]
}

export interface Piece {
  key: string
  part: string
  ms: number
}

/**
 * Where a client's time for an answer goes, as far as pieces of it were measured: each is what an answer that goes so far
 * takes longer than one that does not.
 */
export function pieces({ costs }: Run): Piece[] {
  const clients = Math.min(...costs.map((cost) => cost.clients))
  return costs
    .filter((cost) => cost.clients === clients)
    .flatMap(({ key, seenMs, nullMs, parts }) =>
      stages(key, seenMs, [
        ['client and network', nullMs],
        ...parts.map(({ until, ms }): [string, number] => [until, ms]),
        [parts.length > 0 ? `${key}: the rest` : key, seenMs],
      ]),
    )
}

/** @param reached milliseconds until an answer that goes so far. One that came sooner than the stage before it, which noise can do, is
 * taken to cost nothing. */
function stages(key: string, seenMs: number, reached: [part: string, ms: number][]): Piece[] {
  let before = 0
  return reached.map(([part, given]) => {
    const at = Math.min(Math.max(given, before), seenMs)
    const ms = at - before
    before = at
    return { key, part, ms }
  })
}
