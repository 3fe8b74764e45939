/**
 * One turn in the open model: requests are due whether or not the answers before them have come, as those of real users are. Latency
 * counts from when a request was due, so that a stall shows in all who waited for it; every arrival counts, for one that was left out
 * might be one of those.
 */
import clock from 'k6/x/clock'
import type { Series } from 'k6/x/recorder'
import rendezvous from 'k6/x/rendezvous'
import type { Part } from '../../workload/parts.ts'
import type { Client, TurnFigures } from './turn.ts'

export interface OpenClient extends Client {
  /** Requests that count. */
  counted: Series
  /** The requests that found no other on its way: what one client of a closed model would have seen. */
  alone: Series
  /** How late they were sent by a client that was free: what the client itself adds to the latency. */
  late: Series
}

/** When requests are due. */
export interface Arrivals {
  /** Requests a second, of all virtual users together. */
  rate: number
  /** Of a Poisson process; absent: requests are due at even distances. */
  seed?: number | undefined
  /** Which of them are ours, where several k6 share them. */
  part: Part
  /** Milliseconds at the beginning of a turn whose requests do not count: a queue begins empty. */
  leadMs: number
  /** Milliseconds after which a request that no virtual user was free to send is given up: a dropped iteration. */
  patience: number
  /** Called for each of them. */
  dropped: () => void
}

/**
 * What an open turn brings to the meeting at its end besides: of the requests that count, those that found no virtual user free, and
 * those that were given up; then what a line through their latencies by the moments when they were due is made of, both in seconds, the
 * moments from the middle of what counts.
 */
export type OpenFigures = [
  ...TurnFigures,
  waited: number,
  dropped: number,
  answered: number,
  sumDue: number,
  sumDueDue: number,
  sumLatency: number,
  sumDueLatency: number,
]

/**
 * @param name of the turn; all virtual users take their arrivals from it
 * @param at when arrivals begin, in milliseconds of the clock
 * @param length milliseconds in which arrivals are due
 */
export function openTurn(
  { askCounted, askLead, counted, alone, late, next }: OpenClient,
  { rate, seed, part: { index, of }, leadMs, patience, dropped }: Arrivals,
  name: string,
  at: number,
  length: number,
): OpenFigures {
  const finished = `${name}/finished`
  const started = `${name}/started`
  const arrival =
    seed === undefined
      ? () => rendezvous.turn(name) * of + index
      : () => rendezvous.arrival(name, seed, index, of)
  const entered = clock.now()
  const from = at + leadMs
  const to = at + length
  const middle = (from + to) / 2
  let requests = 0
  let [waited, given, answered, sumDue, sumDueDue, sumLatency, sumDueLatency] = [0, 0, 0, 0, 0, 0, 0]
  let free = 0
  for (;;) {
    const due = at + (arrival() / rate) * 1000
    if (due >= to) break
    rendezvous.waitUntil(due)
    const counts = due >= from
    if (counts) requests++
    const now = clock.now()
    if (now - due > patience) {
      // The side kept every virtual user waiting: its failure, though nothing was sent.
      if (counts) {
        counted.record(due, false, undefined, 'not sent', `no client was free within ${patience / 1000} s`)
        given++
      }
      dropped()
      continue
    }
    if (!counts) {
      askLead(next(), due)
      free = clock.now()
      continue
    }
    if (free > due) waited++
    late.recordDuration(Math.max(0, now - Math.max(due, free)), true)
    const isAlone = rendezvous.turn(started) === rendezvous.turn(finished, 0)
    const done = askCounted(next(), due)
    rendezvous.turn(finished)
    if (isAlone) alone.record(due, done > 0)
    free = done || clock.now()
    if (done > 0) {
      const [moment, latency] = [(due - middle) / 1000, (done - due) / 1000]
      answered++
      sumDue += moment
      sumDueDue += moment * moment
      sumLatency += latency
      sumDueLatency += moment * latency
    }
  }
  const whole = clock.now() - entered
  return [
    // Who finds no arrival that is due within the turn leaves at once, before the lead is over.
    ...[requests, length - leadMs, 0, 0, 0, 0, Math.min(leadMs, whole), whole],
    ...[waited, given, answered, sumDue, sumDueDue, sumLatency, sumDueLatency],
  ] as OpenFigures
}
