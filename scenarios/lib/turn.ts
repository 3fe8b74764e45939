/** One turn of one virtual user on one side: closed, where each request waits for the answer before it. */
import clock from 'k6/x/clock'
import { leadShare } from '../../workload/turns.ts'
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
 * half, the same two again, requests inside the window from the lead's end to the turn's (those on its edges in part)
 * and that window's milliseconds. Last, where all its time went: the lead's milliseconds, and those of the whole turn.
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
  const to = at + length
  // An import's property is looked up by name each time.
  const clockNow = clock.now
  const entered = clockNow()
  let now = entered
  let before = now
  while (now < from) {
    before = now
    now = askLead(next(), now) || clockNow()
  }
  const began = now
  let last = now
  let requests = 0
  do {
    last = now
    now = askCounted(next(), now) || clockNow()
    requests++
  } while (now < to)
  const busy = now - began
  const [leadMs, wholeMs] = [began - entered, now - entered]
  if (began >= to || now > to + length / 2) return [requests, busy, 0, 0, 0, 0, leadMs, wholeMs]
  const first = began > before ? (began - from) / (began - before) : 0
  return [
    requests,
    busy,
    requests,
    busy,
    first + (requests - 1) + (to - last) / (now - last),
    to - Math.max(from, before),
    leadMs,
    wholeMs,
  ]
}
