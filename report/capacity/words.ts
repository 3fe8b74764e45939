/** What was found of each side's capacity in words, in every form of the report alike. */
import { parseObjective } from '../../gap/capacity/objective.ts'
import type { Outcome } from '../../gap/verdict.ts'
import { ends, figure } from '../table.ts'
import { judgedInWords } from '../words.ts'
import type { CapacityRun, CapacitySide, RateRow } from './run.ts'

/** Requests a second with four digits: more are noise. */
export const rateInWords = (rate: number) =>
  Number.isFinite(rate)
    ? rate.toLocaleString('en', { maximumSignificantDigits: 4, maximumFractionDigits: 2 })
    : '-'

const between = (low: number, high: number) => `[${rateInWords(low)}, ${rateInWords(high)}]`

/** Five digits: near 100 % it is the last ones that tell. */
const digits = (share: number) => String(Number((100 * share).toPrecision(5)))

export const percent = (share: number) => (Number.isFinite(share) ? `${digits(share)} %` : '-')

/** Whether a side holds its objective at a rate, as an outcome. */
export const outcomeOf = { holds: 'pass', crossed: 'fail', undecided: 'undecided' } as const satisfies Record<
  RateRow['verdict'],
  Outcome
>

/** The capacity that may be told of: one that fresh sessions confirmed, and where the side ended first. */
export const reportedOf = ({ found, confirmed, atLeast }: CapacitySide) =>
  atLeast === undefined && confirmed !== undefined ? found : undefined

/** What a side did at least, where fresh sessions were to hold it, and did not all do so or were not all asked. */
export const isDoubtful = ({ atLeast, confirmed, unconfirmed }: CapacitySide) =>
  atLeast !== undefined && confirmed === undefined && unconfirmed !== undefined

/** What there is instead of a capacity; undefined where there is one. */
export function insteadOf(side: CapacitySide): string | undefined {
  const { found, atLeast, none, confirmed, unconfirmed } = side
  if (atLeast)
    return `at least ${rateInWords(atLeast.rate)}, ${atLeast.why}${isDoubtful(side) ? `; not confirmed in fresh sessions: ${unconfirmed}` : ''}`
  if (none !== undefined) return none
  if (found === undefined) return 'none was found'
  if (confirmed !== undefined) return undefined
  return unconfirmed === undefined ? 'no rate confirmed' : `no rate confirmed, at the last ${unconfirmed}`
}

/** A capacity with its interval, or the little that is known; short, for a column. */
export function capacityInColumn(side: CapacitySide): string {
  const reported = reportedOf(side)
  if (reported) return `${rateInWords(reported.capacity)} ${between(reported.low, reported.high)}`
  if (side.atLeast) return `at least ${rateInWords(side.atLeast.rate)}`
  return 'none'
}

/** The most that the closed model served, and to how many clients. */
export const mostOf = ({ closed }: CapacitySide) =>
  closed.reduce<CapacitySide['closed'][number] | undefined>(
    (most, each) => (most && most.tps >= each.tps ? most : each),
    undefined,
  )

/** A condition of the objective as it was seen: a share of the requests, or mean milliseconds, with the ends of its interval. */
export function termInWords({ text, value, low, high }: RateRow['terms'][number]): string {
  // By what it means: a mean is an average, too.
  const [of, unit] = parseObjective(text).terms[0]?.figure === 'mean' ? [figure, 'ms'] : [digits, '%']
  if (!Number.isFinite(value)) return '-'
  return `${of(value)} ${unit}${Number.isFinite(low) && Number.isFinite(high) ? ` [${of(low)}, ${of(high)}]` : ''}`
}

/** Of the sides that have a capacity that may be told of. */
export const ratiosOf = ({ ratios, sides }: CapacityRun) => {
  const isReported = (key: string) => sides.some((side) => side.side === key && reportedOf(side))
  return ratios.filter(({ side, last }) => isReported(side) && isReported(last))
}

function ofSide(side: CapacitySide, objective: string): string {
  const { side: key, atLeast } = side
  const reported = reportedOf(side)
  if (reported)
    return `${key} ${objective}up to ${rateInWords(reported.capacity)} requests a second ${between(reported.low, reported.high)}`
  if (atLeast && !isDoubtful(side))
    return `${key} ${objective}up to at least ${rateInWords(atLeast.rate)} requests a second, ${atLeast.why}`
  return `of ${key} no capacity is known: ${insteadOf(side)}`
}

/** The same however the two are named: above 1. */
function ofRatio({ side, last, median, low, high }: CapacityRun['ratios'][number]): string {
  const [more, less, by, interval] =
    median >= 1 ? [side, last, median, ends(low, high)] : [last, side, 1 / median, ends(1 / high, 1 / low)]
  return `${more} ${figure(by)} times ${interval} as much as ${less}`
}

/** One plain sentence: who holds what up to which rate, by how much they differ, and what became of the thresholds. */
export function sentence(run: CapacityRun): string {
  let before: string | undefined
  const sides = run.sides.map((side) => {
    const isSame = side.objective === before
    // Of a side without a capacity no objective was said.
    if (insteadOf(side) === undefined || (side.atLeast && !isDoubtful(side))) before = side.objective
    return ofSide(side, isSame ? '' : `holds ${side.objective} `)
  })
  const ratios = ratiosOf(run).map(ofRatio)
  const { checks, outcome } = run.verdict
  const judged = checks.length > 0 || outcome === 'could not measure' ? `; ${judgedInWords(run.verdict)}` : ''
  const said = `${sides.join(run.sides.some(({ atLeast, none }) => atLeast || none) ? '; ' : ', ')}${ratios.length > 0 ? `: ${ratios.join(', ')}` : ''}${judged}.`
  return said.replace(/^of /, 'Of ')
}

const suffix: Record<string, string> = { times: '×', TPS: '/s', share: '' }
const withUnit = (value: string, unit: string) => `${value}${suffix[unit] ?? ` ${unit}`}`

type CapacityCheck = CapacityRun['verdict']['checks'][number]

export const measuredInWords = ({ measured, interval, unit }: CapacityCheck) =>
  `${Number.isFinite(measured) ? withUnit(figure(measured), unit) : 'nothing'}${interval ? ` ${ends(...interval)}` : ''}`

export const boundInWords = ({ relation, bound, unit }: CapacityCheck) =>
  `${relation} ${withUnit(figure(bound), unit)}`

/** What fresh sessions said of one rate of one side. */
export interface Confirmation {
  side: string
  rate: number
  held: number
  of: number
}

/** By side and rate, in the order in which they were tried. */
export function confirmationsOf({ sides, confirmations }: CapacityRun): Confirmation[] {
  const found: Confirmation[] = []
  for (const { side } of sides)
    for (const { rates, held } of confirmations) {
      const rate = rates[side]
      const isHeld = held[side]
      if (rate === undefined || isHeld === undefined) continue
      let row = found.find((each) => each.side === side && each.rate === rate)
      if (!row) {
        row = { side, rate, held: 0, of: 0 }
        found.push(row)
      }
      row.of++
      if (isHeld) row.held++
    }
  return found
}

/** What is used at one side's rate, a line each. */
export function usedOf({
  parts,
  machine,
  inFlight,
  clients,
  waited,
  activity,
}: CapacityRun['resources'][number]) {
  return [
    ...parts.map(({ side, what, processors }) => [
      side === '' ? `client: ${what}` : `${side}: ${what}`,
      `${processors.toFixed(2)} processors`,
    ]),
    ...(machine
      ? [
          [
            `the machine's ${machine.cores} processors`,
            `${percent(machine.busy)} busy, ${percent(machine.stolen)} stolen`,
          ],
        ]
      : []),
    ['connections at work', `${figure(inFlight)} of ${clients}`],
    ['requests that found no client free', percent(waited)],
    ...(activity
      ? [
          [
            "the database's connections",
            `${activity.connections} of ${activity.mostConnections}, ${figure(activity.active)} at work`,
          ],
          ...activity.waits.map(({ what, share }) => [
            what === 'running' ? '  of its queries, running' : `  of its queries, waiting for ${what}`,
            percent(share),
          ]),
        ]
      : []),
  ] as [string, string][]
}
