/** Latency and gap by distance as people read them in a terminal. */
import type { DistanceRow, Slope } from '../gap/distance.ts'
import type { Premise } from '../gap/premises.ts'
import type { Published } from '../workload/workload.ts'
import { colour } from './colour.ts'
import { heading, premiseLines } from './lines.ts'
import { figure, table, times, withInterval } from './table.ts'
import { clientsInWords } from './words.ts'

export interface Distances {
  rows: readonly DistanceRow[]
  /** The side that the others are compared with. Its rows are not the last ones: others are asked beside the sides. */
  last: string
  slopes: readonly Slope[]
  /** Which links were given distance. */
  links: readonly string[]
  jitterMs: number
  premises: readonly Premise[]
  published?: Published | undefined
}

const distanceInWords = (ms: number) => (ms === 0 ? 'none' : `${figure(ms)} ms`)

function rowsAt(rows: readonly DistanceRow[], clients: number): string[][] {
  return rows
    .filter((row) => row.clients === clients)
    .map(({ roundTripMs, side, tps, p50Ms, gap }) => [
      distanceInWords(roundTripMs),
      side,
      figure(tps),
      figure(p50Ms ?? Number.NaN),
      gap ? withInterval(gap.tps) : '',
      gap ? withInterval(gap.p50) : '',
    ])
}

const slopeRow = ({ side, clients, roundTrips, interval }: Slope) => [
  side,
  String(clients),
  `${figure(roundTrips)}${interval ? ` [${interval.map(figure).join(', ')}]` : ''}`,
]

/** Somebody else's, where each side had a host of its own. */
const publishedRows = (published: Published | undefined) =>
  (published?.acrossHosts ?? []).map(([first, last]) => [figure(first), figure(last), times(first / last)])

export function distanceReport({
  rows,
  last,
  slopes,
  links,
  jitterMs,
  premises,
  published,
}: Distances): string {
  const theirs = publishedRows(published)
  const about = `a round trip more between clients and ${links.join(', ')}${jitterMs > 0 ? `, ± ${figure(jitterMs / 2)} ms` : ''}`
  return [
    ...[...new Set(rows.map(({ clients }) => clients))].flatMap((clients) => [
      heading(clientsInWords(clients), about),
      table(
        ['distance', 'side', 'TPS', 'p50 ms', `TPS ÷ ${last} [95 %]`, `p50 of ${last} ÷`],
        rowsAt(rows, clients),
      ),
    ]),
    ...(slopes.length > 0
      ? [
          heading(
            'Round trips of an answer',
            'ms of its median latency for each ms that a round trip takes more',
          ),
          table(['side', 'clients', 'round trips [95 %]'], slopes.map(slopeRow)),
        ]
      : []),
    ...(theirs.length > 0
      ? [
          heading('Published, each side on a host of its own', 'from the fewest to the most clients'),
          table(['first, TPS', 'last, TPS', 'gap'], theirs),
          colour.dim(`  ${published?.source}`),
        ]
      : []),
    heading('Premises'),
    ...premiseLines(premises),
  ].join('\n')
}
