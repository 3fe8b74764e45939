/** The law of scaling and the plan for a demand as people read them, in every form of the report alike. */
import { figure } from '../table.ts'
import type { CapacityRun } from './run.ts'
import { percent, rateInWords } from './words.ts'

type Plan = NonNullable<CapacityRun['plan']>
type SidePlan = Extract<Plan['sides'][number], { hosts: number }>

interface Table {
  head: string[]
  rows: string[][]
  /** What no column has room for, a sentence each. */
  notes: string[]
}

const short = (value: number) => Number(value.toPrecision(3))
const use = (share: number) => percent(short(share))
const money = (value: number) => value.toLocaleString('en', { maximumSignificantDigits: 4 })

export const planTitle = ({ demand, headroom, spare, currency }: Plan) =>
  `${rateInWords(demand)} predictions a second, ${percent(headroom)} headroom, ${spare} spare${currency ? `, prices in ${currency}` : ''}`

const lacks = {
  capacity: 'more than they can serve',
  headroom: 'which takes headroom',
  nothing: 'which is enough',
} as const

function notesOf({ side, atMost, fewer }: SidePlan): string[] {
  return [
    ...(atMost ? [`${side}: at most so many hosts, for it may do more: ${atMost}`] : []),
    ...(fewer
      ? [
          `${side}: with ${fewer.hosts} host${fewer.hosts === 1 ? '' : 's'} left the demand is ${use(fewer.use)} of each, ${lacks[fewer.exceeds]}`,
        ]
      : []),
  ]
}

/** Columns of cost only where something is known of prices. */
export function planTable({ sides }: Plan): Table {
  const planned = sides.filter((side) => 'hosts' in side)
  const isPriced = planned.some(({ cost }) => cost)
  return {
    head: [
      ...['side', 'hosts', '[95 %]', 'use', 'spare lost'],
      ...(isPriced ? ['an hour', 'a month', 'a million'] : []),
    ],
    rows: planned.map((side) => [
      side.side,
      `${side.atMost ? '≤ ' : ''}${side.hosts}`,
      `[${side.fewest}, ${side.most ?? '∞'}]`,
      use(side.use),
      use(side.useWithoutSpare),
      ...(isPriced
        ? [side.cost?.hour, side.cost?.month, side.cost?.perMillion].map((cost) =>
            cost === undefined ? '-' : money(cost),
          )
        : []),
    ]),
    notes: [
      ...sides.flatMap((side) => ('why' in side ? [`${side.side}: ${side.why}`] : [])),
      ...planned.flatMap(notesOf),
    ],
  }
}

const estimate = ({ value, low, high }: { value: number; low: number; high: number }) =>
  `${short(value)} [${short(low)}, ${high === Number.MAX_VALUE ? '∞' : short(high)}]`

export const law = 'X(N) = γN ÷ (1 + α(N − 1) + βN(N − 1))'

/** The parameters of each side's law. */
export function lawTable(scaling: NonNullable<CapacityRun['scaling']>): Table {
  return {
    head: ['side', 'γ, one client', 'α, contention', 'β, coherency'],
    rows: scaling.flatMap(({ side, law }) =>
      'impossible' in law ? [] : [[side, ...[law.gamma, law.alpha, law.beta].map(estimate)]],
    ),
    notes: scaling.map(({ side, law }) => {
      if ('impossible' in law) return `${side}: no law was fitted. ${law.impossible}`
      const largest = Math.max(...law.levels.map(({ residual }) => Math.abs(residual)))
      const most = law.peak
        ? `at most ${figure(law.peak.tps)} a second, at ${Math.round(law.peak.clients)} clients`
        : 'no highest throughput up to twice the clients that were measured'
      return `${side}: ${most}; the law misses what was measured by ${percent(short(largest))} at most`
    }),
  }
}
