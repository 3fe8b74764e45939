/** Tables of latency and gap by distance, for every form of the report alike. */
import type { DistanceRow } from '../../gap/distance.ts'
import { figure, times, withInterval } from '../table.ts'
import type { DistanceRun } from './run.ts'

export interface Table {
  head: string[]
  body: string[][]
}

export const distanceInWords = (ms: number) => (ms === 0 ? 'none' : `${figure(ms)} ms`)

export const linksInWords = ({ links, jitterMs }: Pick<DistanceRun, 'links' | 'jitterMs'>) =>
  `a round trip more between clients and ${links.join(', ')}${jitterMs > 0 ? `, ± ${figure(jitterMs / 2)} ms` : ''}`

export const sidesOf = ({ rows }: Pick<DistanceRun, 'rows'>) => [...new Set(rows.map(({ side }) => side))]

export const countsOf = ({ rows }: Pick<DistanceRun, 'rows'>) => [
  ...new Set(rows.map(({ clients }) => clients)),
]

/** The gap that is told first: at a given rate all serve what is due. */
export const mainRatio = (
  { rate }: Pick<DistanceRun, 'rate'>,
  { tps, mean }: NonNullable<DistanceRow['gap']>,
) => (rate > 0 ? mean : tps)

export const mainName = ({ rate, last }: Pick<DistanceRun, 'rate' | 'last'>) =>
  rate > 0 ? `mean latency of ${last} ÷` : `TPS ÷ ${last}`

export const rowsTable = (run: DistanceRun, clients: number): Table => ({
  head: ['distance', 'side', 'TPS', 'p50 ms', `${mainName(run)} [95 %]`, `p50 of ${run.last} ÷`],
  body: run.rows
    .filter((row) => row.clients === clients)
    .map(({ roundTripMs, side, tps, p50Ms, gap }) => [
      ...[distanceInWords(roundTripMs), side, figure(tps), figure(p50Ms ?? Number.NaN)],
      ...(gap ? [withInterval(mainRatio(run, gap)), withInterval(gap.p50)] : ['', '']),
    ]),
})

export const whatSlopesAre = 'ms of its median latency for each ms that a round trip takes more'

export const slopesTable = ({ slopes }: DistanceRun): Table => ({
  head: ['side', 'clients', 'round trips [95 %]'],
  body: slopes.map(({ side, clients, roundTrips, interval }) => [
    ...[side, String(clients)],
    `${figure(roundTrips)}${interval ? ` [${interval.map(figure).join(', ')}]` : ''}`,
  ]),
})

export const whatPublishedIs = 'from the fewest to the most clients'

interface PublishedPair {
  first: number
  last: number
  gap: number
}

/** Somebody else's, where each side had a host of its own: answers a second, and the gap between them. */
export const publishedPairs = ({ published }: Pick<DistanceRun, 'published'>): PublishedPair[] =>
  (published?.acrossHosts ?? []).map(([first, last]) => ({ first, last, gap: first / last }))

export const publishedTable = (run: DistanceRun): Table => ({
  head: ['first, TPS', 'last, TPS', 'gap'],
  body: publishedPairs(run).map(({ first, last, gap }) => [figure(first), figure(last), times(gap)]),
})
