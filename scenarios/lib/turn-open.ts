/**
 * One turn in the open model: requests are due at a constant rate whether or not the answers before them have come, as
 * those of real users are. Latency counts from when a request was due, so that a stall shows in all who waited for it; every
 * arrival counts, for one that was left out might be one of those.
 */
import clock from 'k6/x/clock'
import type { Series } from 'k6/x/recorder'
import rendezvous from 'k6/x/rendezvous'
import type { Client, TurnFigures } from './turn.ts'

export interface OpenClient extends Client {
  /** Requests that count. */
  counted: Series
  /** The requests that found no other on its way: what one client of a closed model would have seen. */
  alone: Series
  /** How late they were sent: what the client itself adds to the latency. */
  late: Series
}

/** When requests are due. */
export interface Arrivals {
  /** Requests a second, of all virtual users together. */
  rate: number
  /** Milliseconds after which a request that no virtual user was free to send is given up: a dropped iteration. */
  patience: number
  /** Called for each of them. */
  dropped: () => void
}

/**
 * @param name of the turn; all virtual users take their arrivals from it
 * @param at when the first arrival is due, in milliseconds of the clock
 * @param length milliseconds in which arrivals are due
 */
export function openTurn(
  { askCounted, counted, alone, late, next }: OpenClient,
  { rate, patience, dropped }: Arrivals,
  name: string,
  at: number,
  length: number,
): TurnFigures {
  const finished = `${name}/finished`
  const started = `${name}/started`
  const entered = clock.now()
  let requests = 0
  for (;;) {
    const due = at + (rendezvous.turn(name) / rate) * 1000
    if (due >= at + length) break
    rendezvous.waitUntil(due)
    requests++
    const behind = clock.now() - due
    if (behind > patience) {
      // The side kept every virtual user waiting: its failure, though nothing was sent.
      counted.record(due, false, undefined, 'not sent', `no client was free within ${patience / 1000} s`)
      dropped()
      continue
    }
    late.recordDuration(Math.max(0, behind), true)
    const isAlone = rendezvous.turn(started) === rendezvous.turn(finished, 0)
    const right = askCounted(next(), due) > 0
    rendezvous.turn(finished)
    if (isAlone) alone.record(due, right)
  }
  return [requests, length, 0, 0, 0, 0, 0, clock.now() - entered]
}
