/** The published experiment and ours as people read them. */

import { publishedWays, type Way } from '../gap/reproduce.ts'
import { published } from '../workload/published.ts'
import { colour } from './colour.ts'
import { figure, table, times } from './table.ts'

export interface Reproduction {
  calls: number
  rounds: number
  /** Who asks the service. */
  httpClient: string
  postgres: Way[]
  python: Way[]
}

const percent = (share: number) => `${(share * 100).toFixed(0)} %`

const row = ({ name, meanMs, tps, failures, keptAlive, p99Ms, maxMs }: Way) => [
  name,
  figure(meanMs),
  p99Ms === undefined ? '' : figure(p99Ms),
  maxMs === undefined ? '' : figure(maxMs),
  figure(tps),
  keptAlive === undefined ? '' : percent(keptAlive),
  String(failures),
]

export function reproductionReport({ calls, rounds, httpClient, postgres, python }: Reproduction): string {
  const gaps = postgres.flatMap((first) =>
    python.map((second) => [`${first.name} : ${second.name}`, times(first.tps / second.tps)]),
  )
  return [
    `\n${colour.bold('One client')}${colour.dim(`  (${calls.toLocaleString('en')} calls for one fixed key; median of ${rounds} rounds)`)}`,
    table(
      ['', 'mean ms', 'p99 ms', 'max ms', 'TPS', 'kept alive', 'failed'],
      [...publishedWays, ...postgres, ...python].map(row),
    ),
    `  The service is asked by ${httpClient}.`,
    `\n${colour.bold('Gap')}${colour.dim('  (TPS, postgres ÷ python)')}`,
    table(['', 'gap'], [['published', times(published.gap?.tps ?? Number.NaN)], ...gaps]),
  ].join('\n')
}
