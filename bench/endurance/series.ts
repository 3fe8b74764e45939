/** What is watched for hours, each with its trend, and what must not be. */
import type { Measurement } from '../../gap/measurement.ts'
import { figure } from '../../report/table.ts'
import { type Seen, type Trend, trendOf } from './trend.ts'

export interface Look {
  /** `k6`, or a part of the targets. */
  part: string
  /** Since the beginning. */
  hours: number
  bytes: number
}

export interface Series {
  name: string
  unit: 'MB' | 'requests/s' | 'times'
  /** Without the first tenth of the time. */
  seen: Seen[]
  trend: Trend | undefined
  /** How much it changed from one end to the other, by its trend. */
  change: number
  isFlat: boolean
}

/** Pools fill and models are loaded at first. */
const settling = 0.1

/** A change by so much is one: a share of the mean, and of memory never less than so many MB. */
const bound = { share: 0.05, megabytes: 5 }

/** Megabytes that k6 may take. */
const mostMegabytes = 500

function series(name: string, unit: Series['unit'], all: readonly Seen[]): Series {
  const most = Math.max(...all.map(({ hours }) => hours))
  const seen = all.filter(({ hours }) => hours >= settling * most)
  const trend = trendOf(seen)
  const length = most * (1 - settling)
  const tolerated = Math.max(bound.share * (trend?.mean ?? 0), unit === 'MB' ? bound.megabytes : 0)
  const isSure = trend !== undefined && (trend.low > 0 || trend.high < 0)
  const change = (trend?.slope ?? Number.NaN) * length
  return {
    ...{ name, unit, seen, trend, change },
    // Memory that is given back is no leak.
    isFlat: !isSure || (unit === 'MB' ? change : Math.abs(change)) <= tolerated,
  }
}

/** The hour in which a block ended. */
const hoursOf = ({ turns }: Measurement['blocks'][number]) =>
  Math.max(...turns.map(({ endMs }) => endMs)) / 3_600_000

export function seriesOf(looks: readonly Look[], { blocks, pairs, settings }: Measurement): Series[] {
  const rates = settings.sides.map((side) => {
    const own = blocks.filter(({ key }) => key === side)
    return series(
      side,
      'requests/s',
      own.map((block) => ({ hours: hoursOf(block), value: block.tps })),
    )
  })
  const [first] = settings.sides
  const gaps = pairs.filter(({ key }) => key === first)
  const at = new Map(
    blocks.filter(({ key }) => key === first).map((block) => [block.pair, hoursOf(block)] as const),
  )
  return [
    ...[...new Set(looks.map(({ part }) => part))].map((part) =>
      series(
        part,
        'MB',
        looks.filter((look) => look.part === part).map(({ hours, bytes }) => ({ hours, value: bytes / 1e6 })),
      ),
    ),
    ...rates,
    series(
      'gap in TPS',
      'times',
      gaps.map(({ pair, tps }) => ({ hours: at.get(pair) ?? 0, value: tps })),
    ),
  ]
}

/** Undefined where it was never seen. */
export function mostOfK6(all: readonly Series[]): number | undefined {
  const seen = all.filter(({ name }) => name === 'k6').flatMap(({ seen }) => seen.map(({ value }) => value))
  return seen.length > 0 ? Math.max(...seen) : undefined
}

/** @returns what should not be, in words; none where all is well */
export function verdictOf(all: readonly Series[], { failures }: Measurement): string[] {
  const failed = failures.reduce((sum, { count }) => sum + count, 0)
  const k6 = mostOfK6(all)
  return [
    ...all
      .filter(({ isFlat }) => !isFlat)
      .map(({ name, unit, change }) => `${name} changed by ${figure(change)} ${unit} over the run`),
    ...(failed > 0 ? [`${failed} requests failed`] : []),
    ...(k6 === undefined ? ['the memory of k6 was never seen'] : []),
    ...(k6 === undefined || k6 < mostMegabytes
      ? []
      : [`k6 took ${figure(k6)} MB; expected below ${mostMegabytes}`]),
  ]
}

/** In the columns what, mean, in an hour, 95 %, over the run, flat. */
export const trendRows = (all: readonly Series[]): string[][] =>
  all.map(({ name, unit, trend, change, isFlat }) =>
    trend
      ? [
          ...[`${name}, ${unit}`, figure(trend.mean), figure(trend.slope)],
          `${figure(trend.low)} to ${figure(trend.high)}`,
          ...[figure(change), isFlat ? 'yes' : 'no'],
        ]
      : [`${name}, ${unit}`, '', '', '', '', 'too short'],
  )

/** By the clock, from the first look to the last. */
export const mostHours = (looks: readonly Look[]): number => Math.max(0, ...looks.map(({ hours }) => hours))
