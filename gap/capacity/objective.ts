/** What a side is to hold: `p99<10ms,failures<0.1%`, read into terms, and counted. */
import { BadInput } from '../../build/failure.ts'
import { shortened } from '../../workload/shortened.ts'
import type { Thresholds } from '../bounds.ts'
import type { Objective, Term } from './evidence.ts'

/** An objective that cannot be read. The message names the part, what was expected and an example. */
export class UnreadableObjective extends BadInput {
  override name = 'UnreadableObjective'

  constructor(message: string) {
    super(message, 'Correct --objective')
  }
}

const example = "for example 'p99<10ms,failures<0.1%'"

const unreadable = (part: string, why: string) =>
  new UnreadableObjective(`${shortened(part)}: ${why}; ${example}`)

/** Milliseconds by unit. */
const units: Record<string, number> = {
  ...{ ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, usec: 1e-3, microseconds: 1e-3 },
  ...{ ms: 1, msec: 1, msecs: 1, millis: 1, millisecond: 1, milliseconds: 1 },
  ...{ s: 1e3, sec: 1e3, secs: 1e3, second: 1e3, seconds: 1e3, min: 6e4, minute: 6e4, minutes: 6e4 },
}

const figures: Record<string, 'p50' | 'mean' | 'failures'> = {
  ...{ median: 'p50', mean: 'mean', avg: 'mean', average: 'mean' },
  ...{ failures: 'failures', failure: 'failures', failed: 'failures', errors: 'failures', error: 'failures' },
}

/** Of the form `p99`, `p99.9`, or `p999`, which is p99.9 as HDR histograms and wrk print it. */
function rankOf(digits: string): number {
  const isRun = /^99\d+$/.test(digits)
  return Number(isRun ? `${digits.slice(0, 2)}.${digits.slice(2)}` : digits)
}

/** Without what floating point adds to a quotient: 0.999 and not 0.9990000000000001. */
const clean = (value: number) => Number(value.toPrecision(12))

function latencyLimit(part: string, amount: string, unit: string): number {
  const factor = units[unit]
  if (factor === undefined)
    throw unreadable(
      part,
      `${unit ? `no unit of time is called ${unit}` : 'a unit is missing'}: us, ms, s or min`,
    )
  const limitMs = clean(Number(amount) * factor)
  if (limitMs <= 0) throw unreadable(part, 'no request takes no time: expected a limit above 0')
  return limitMs
}

function failureLimit(part: string, amount: string, unit: string): number {
  if (unit && unit !== '%') throw unreadable(part, 'expected a share of requests, as 0.1% or as 0.001')
  const limit = clean(Number(amount) / (unit ? 100 : 1))
  if (limit <= 0) throw unreadable(part, 'no run can show that nothing ever fails: expected a share above 0')
  if (limit >= 1 && !unit)
    throw unreadable(
      part,
      `${amount} without % is ${clean(limit * 100)} % of the requests: expected a share below 1, or a %`,
    )
  if (limit >= 1) throw unreadable(part, 'expected a share of requests below 100 %')
  return limit
}

function termOf(part: string): Term {
  const match = /^([a-z][a-z ]*?)\s*([\d.]*)\s*(?:<=|<|≤)\s*(\d+(?:\.\d*)?|\.\d+)\s*([^\d\s.]*)$/u.exec(
    part.toLowerCase(),
  )
  if (!match) throw unreadable(part, 'expected a figure, < and a limit')
  const [, word = '', digits = '', amount = '', unit = ''] = match
  const figure =
    word === 'p' ? `p${digits}` : digits ? undefined : figures[word.replace(/ (rate|share)$/, '')]
  if (figure === undefined || figure === 'p' || digits.split('.').length > 2)
    throw unreadable(part, 'expected a percentile as p99, mean, or failures')
  if (figure === 'mean') return { figure, limitMs: latencyLimit(part, amount, unit), text: part }
  if (figure === 'failures') return { figure, limit: failureLimit(part, amount, unit), text: part }
  const rank = rankOf(figure.slice(1))
  if (!(rank > 0 && rank < 100)) throw unreadable(part, 'expected a percentile above p0 and below p100')
  return {
    figure: 'percentile',
    share: clean(rank / 100),
    limitMs: latencyLimit(part, amount, unit),
    text: part,
  }
}

const figureOf = (term: Term) => (term.figure === 'percentile' ? `p${clean(term.share * 100)}` : term.figure)

/**
 * Reads an objective: terms between commas, all of which are to hold. A percentile is `p50`, `p99`, `p99.9` or `p999`; a limit of
 * latency needs its unit; a share of failures is a percentage with `%` and a fraction without it, never guessed.
 *
 * @throws {UnreadableObjective}
 */
export function parseObjective(text: string): Objective {
  if (text.trim() === '') throw unreadable(text, 'expected at least one figure with its limit')
  const terms = text
    .split(/[,;]/)
    .map((part) => part.trim())
    .map((part) => {
      if (part === '') throw unreadable(text, 'there is nothing between two commas, or beside one')
      return termOf(part)
    })
  const seen = new Map<string, Term>()
  for (const term of terms) {
    const before = seen.get(figureOf(term))
    if (before)
      throw unreadable(text, `${before.text} and ${term.text} are limits of the same figure: expected one`)
    seen.set(figureOf(term), term)
  }
  return { text: text.trim(), terms }
}

/** An objective, and whose it is: without a side it is that of all. */
export interface Given {
  side?: string
  objective: Objective
}

/** `p99<10ms`, or `database: p99<5ms`. @throws {UnreadableObjective} */
export function parseGiven(text: string): Given {
  const match = /^\s*([^<≤:]+?)\s*:(.*)$/su.exec(text)
  return match
    ? { side: match[1] as string, objective: parseObjective(match[2] as string) }
    : { objective: parseObjective(text) }
}

/** The objective of a side: its own before that of all. @throws {UnreadableObjective} where there is none, or there are two */
export function objectiveOf(side: string, given: readonly Given[]): Objective {
  const own = given.filter((one) => one.side === side)
  const [first, second] = own.length > 0 ? own : given.filter((one) => one.side === undefined)
  if (!first)
    throw new UnreadableObjective(`no objective for ${side}: give one for it, or one for all; ${example}`)
  if (second)
    throw new UnreadableObjective(
      `${shortened(first.objective.text)} and ${shortened(second.objective.text)} are both for ${first.side ?? 'all sides'}: expected one, its terms between commas`,
    )
  return first.objective
}

/** Each side's objective by its key. @throws {UnreadableObjective} also where one is for a side that is not there */
export function objectivesOf(
  sides: readonly string[],
  given: readonly Given[],
): ReadonlyMap<string, Objective> {
  for (const { side } of given)
    if (side !== undefined && !sides.includes(side))
      throw new UnreadableObjective(
        `--objective '${side}: …': the workload has no such side; expected one of ${sides.join(', ')}`,
      )
  return new Map(sides.map((side) => [side, objectiveOf(side, given)]))
}

/** Failures that objectives permit, as thresholds say it: what a search was allowed to see breaks no premise of it. */
export const permittedBy = (objectives: ReadonlyMap<string, Objective>): Thresholds =>
  Object.fromEntries(
    [...objectives].flatMap(([side, { terms }]) =>
      terms.flatMap((term) => (term.figure === 'failures' ? [[side, { maxFailureRate: term.limit }]] : [])),
    ),
  )

/** The tightest limit of latency in milliseconds, or undefined where there is none. */
export function tightestMs(objective: Objective): number | undefined {
  const limits = objective.terms.flatMap((term) => (term.figure === 'failures' ? [] : [term.limitMs]))
  return limits.length > 0 ? Math.min(...limits) : undefined
}

/** What a turn's recorder knows of the requests that were due. */
export interface Counts {
  /** How many were answered rightly within the limit. */
  countWithin(limitMs: number): number
  /** All latencies of right answers together. */
  sumMs: number
  answered: number
  failed: number
}

/** {@link Point.within}: a figure for each term. */
export const withinOf = ({ terms }: Objective, counts: Counts): number[] =>
  terms.map((term) => {
    if (term.figure === 'percentile') return counts.countWithin(term.limitMs)
    return term.figure === 'mean' ? counts.sumMs : counts.answered
  })
