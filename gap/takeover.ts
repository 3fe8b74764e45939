/** A new model under load: when it answers, and what clients notice. */
import { median, quantileSorted } from 'simple-statistics'
import { neither } from '../workload/changes.ts'
import { type Event, latenciesOf, type Stretch } from './changes.ts'
import { grouped } from './grouped.ts'
import { type Ratio, ratioOf } from './ratio.ts'

/** Median over the rounds, and the least and the most of them; milliseconds. */
export interface Spread {
  median: number
  least: number
  most: number
}

const spreadOf = (values: readonly number[]): Spread => ({
  median: median([...values]),
  least: Math.min(...values),
  most: Math.max(...values),
})

export interface TakeoverRow {
  key: string
  clients: number
  rounds: number
  /** Of them, those in which the new model, or the old one, did not answer: they are in no figure. */
  unseen: number
  /** Until who ordered it was told that it is done. */
  orderMs?: Spread
  /** From the order to the first answer by the new model, and to the last one by the old. */
  firstNewMs?: Spread
  lastOldMs?: Spread
  /** Of an answer in the time before the order, and the longest of those that were waited for in as long a time after it. */
  p50Ms?: Spread
  longestMs?: Spread
  /** Of the time after it and of the time before, round by round. */
  p99AfterToBefore?: Ratio
  answers: { old: number; new: number; neither: number; failed: number }
}

/** A part of the time around a change, all rounds together. */
export interface Moment {
  key: string
  clients: number
  /** Its middle, from the order on. */
  ms: number
  p50Ms: number
  longestMs: number
  /** Of its answers, by the new model. */
  shareNew: number
}

/** Milliseconds before and after an order that are compared. */
export const around = 1000
/** Milliseconds of a {@link Moment}. */
const slot = 50

const sorted = (values: number[]) => values.sort((a, b) => a - b)
const within = (answers: readonly Event[], from: number, to: number) =>
  answers.filter(({ doneMs }) => doneMs >= from && doneMs < to)
/**
 * Those that were on their way at some moment of that time: of a stall the answers come after it, however long it takes, and those are
 * what a client notices.
 */
const waitedFor = (answers: readonly Event[], from: number, to: number) =>
  answers.filter(({ sentMs, doneMs }) => doneMs > from && sentMs < to)

/** What one order brought; undefined where none was given, or nothing answered on one side of it. */
function seenOf({ answers, changes: [change] }: Stretch) {
  if (!change) return undefined
  const { sentMs: at, doneMs, state } = change
  const of = (wanted: number) => answers.filter((each) => each.state === wanted)
  const firstNew = of(state)[0]
  const lastOld = of(1 - state).at(-1)
  const before = sorted(latenciesOf(within(answers, at - around, at)))
  const after = sorted(latenciesOf(waitedFor(answers, at, at + around)))
  if (!firstNew || !lastOld || before.length === 0 || after.length === 0) return undefined
  return {
    orderMs: doneMs - at,
    firstNewMs: firstNew.doneMs - at,
    lastOldMs: Math.max(0, lastOld.doneMs - at),
    p50Ms: quantileSorted(before, 0.5),
    longestMs: after.at(-1) as number,
    p99AfterToBefore: quantileSorted(after, 0.99) / quantileSorted(before, 0.99),
  }
}

function countsOf(stretches: readonly Stretch[]): TakeoverRow['answers'] {
  const counts = { old: 0, new: 0, neither: 0, failed: 0 }
  for (const { answers, changes, failures } of stretches) {
    const now = changes[0]?.state
    for (const { state } of answers) counts[state === neither ? 'neither' : state === now ? 'new' : 'old']++
    for (const { count } of failures) counts.failed += count
  }
  return counts
}

/** A row for each side at each number of clients. */
export const takeoverRows = (stretches: readonly Stretch[], seed: number): TakeoverRow[] =>
  grouped(stretches, ({ clients, side }) => [clients, side]).map((own) => {
    const [{ side: key, clients }] = own as [Stretch]
    const seen = own.flatMap((each) => seenOf(each) ?? [])
    const unseen = own.length - seen.length
    const row = { key, clients, rounds: own.length, unseen, answers: countsOf(own) }
    if (seen.length === 0) return row
    const spread = (figure: 'orderMs' | 'firstNewMs' | 'lastOldMs' | 'p50Ms' | 'longestMs') =>
      spreadOf(seen.map((each) => each[figure]))
    return {
      ...row,
      orderMs: spread('orderMs'),
      firstNewMs: spread('firstNewMs'),
      lastOldMs: spread('lastOldMs'),
      p50Ms: spread('p50Ms'),
      longestMs: spread('longestMs'),
      p99AfterToBefore: ratioOf([seen.map(({ p99AfterToBefore }) => p99AfterToBefore)], seed),
    }
  })

/** For a chart: the time around the orders in short parts. */
export function moments(stretches: readonly Stretch[]): Moment[] {
  const answered = stretches.flatMap(({ side: key, clients, answers, changes: [change] }) =>
    change
      ? within(answers, change.sentMs - around, change.sentMs + around).map(({ sentMs, doneMs, state }) => ({
          ...{ key, clients, tookMs: doneMs - sentMs, isNew: state === change.state },
          slot: Math.floor((doneMs - change.sentMs) / slot),
        }))
      : [],
  )
  return grouped(answered, (each) => [each.clients, each.key, each.slot])
    .map((some) => {
      const [{ key, clients, slot: number }] = some as [(typeof some)[number]]
      const took = sorted(some.map(({ tookMs }) => tookMs))
      return {
        ...{ key, clients, ms: (number + 0.5) * slot },
        ...{ p50Ms: quantileSorted(took, 0.5), longestMs: took.at(-1) as number },
        shareNew: some.filter(({ isNew }) => isNew).length / some.length,
      }
    })
    .sort((one, other) => one.ms - other.ms)
}
