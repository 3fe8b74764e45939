/** One turn of one virtual user on one side: closed, where each request waits for the answer before it. */
import clock from 'k6/x/clock'
import { leadShare, middleShare } from '../../workload/turns.ts'
import type { AskOnce } from './request.ts'

/** A virtual user's connection to one side. */
export interface Client {
  /** Asks, and it counts. */
  askCounted: AskOnce
  /** Asks in the lead, where it does not. */
  askLead: AskOnce
  /** Position of the next key. */
  next: () => number
}

/**
 * What a turn brings to the meeting at its end, to be summed over the virtual users: requests that count, and the
 * milliseconds that they kept their user busy. Then, for Little's law and only where no request outlasted the turn by
 * half, what its later part has: requests that began there, the milliseconds of those, requests inside that part (those
 * on its edges in part), and its milliseconds. The part begins amid those that count, for a side's first requests after
 * another side's turn are slower: one of the lead on its edge would be a smaller share of a request than others are.
 * Last, where all its time went: the lead's milliseconds, and those of the whole turn.
 */
export type TurnFigures = [
  requests: number,
  busyMs: number,
  undisturbedRequests: number,
  undisturbedBusyMs: number,
  inWindow: number,
  windowMs: number,
  leadMs: number,
  wholeMs: number,
]

/** How many there are of them; an open turn has more behind them. */
export const turnFigures = 8

/**
 * A request that began in the turn counts in full, however long it takes, and so does its time: a stall that outlasts
 * the turn is not cut off.
 * @param at beginning of the turn, in milliseconds of the clock
 * @param length milliseconds
 */
export function closedTurn({ askCounted, askLead, next }: Client, at: number, length: number): TurnFigures {
  const from = at + length * leadShare
  const middle = at + length * middleShare
  const to = at + length
  // An import's property is looked up by name each time.
  const clockNow = clock.now
  const entered = clockNow()
  let now = entered
  while (now < from) now = askLead(next(), now) || clockNow()
  const began = now
  let last = now
  let requests = 0
  do {
    last = now
    now = askCounted(next(), now) || clockNow()
    requests++
  } while (now < middle)
  // What is under way in the middle belongs to both parts, and may outlast the later one.
  const [later, before, inBoth] = [now, requests, (Math.min(now, to) - middle) / (now - last)]
  while (now < to) {
    last = now
    now = askCounted(next(), now) || clockNow()
    requests++
  }
  const busy = now - began
  const [leadMs, wholeMs] = [began - entered, now - entered]
  if (began > middle || now > to + length / 2) return [requests, busy, 0, 0, 0, 0, leadMs, wholeMs]
  const beganInPart = requests - before
  const inPart = inBoth + (beganInPart > 0 ? beganInPart - 1 + (to - last) / (now - last) : 0)
  return [requests, busy, beganInPart, now - later, inPart, to - middle, leadMs, wholeMs]
}
