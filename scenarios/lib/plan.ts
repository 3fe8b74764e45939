/**
 * The order of a comparison. At each number of clients: a warm-up of all sides, then pairs of blocks.
 *
 * The blocks of a pair are interleaved: each consists of many short turns, and the sides take them in an order that is drawn
 * anew for each round and then turned round (A B B A, B A A B, …). A machine's speed moves within seconds; sides that
 * follow each other within milliseconds meet the same weather (randomised multiple interleaved trials, Abedi & Brecht,
 * ICPE'17). On a machine where A/A comparisons in blocks of 2 s left ± 9 % in half a minute, turns of 100 ms left ± 3 %.
 */
import type { Draw } from './draw.ts'

/** Milliseconds of a turn at the least. */
const shortest = 25
/** At a saturated service each client more makes an answer some milliseconds slower; a turn holds a score of answers. */
const perClient = 20

/** Milliseconds of a turn; the first share of it does not count, for the machine's caches still hold another side. */
export const turnLength = (clients: number) => Math.max(shortest, perClient * clients)
export const leadShare = 0.2

/** Milliseconds of a turn in the open model: arrivals must not be cut into pieces shorter than a stall. */
export const openTurnLength = 1000

/**
 * Milliseconds of a block after which its connections are opened anew, at the next end of a round. A connection keeps what
 * it got: the worker that accepted it, the core on which its backend runs. Seen at one client: backends of the same server
 * that stayed twice as slow as others for as long as they lived. Many short-lived connections average that out.
 */
const life = 250

/** Rounds between two openings. */
export const roundsOfConnection = (turn: number) => Math.max(1, Math.round(life / (2 * turn)))

/** What is asked beside answers many times as fast as a service does, so that shorter turns hold as many answers. */
export const besideTurnLength = (clients: number) => Math.max(shortest, 2 * clients)

/** Rounds in a pair: a round has two turns of each side. @param seconds of a block, all turns of a side together */
export const roundsOf = (seconds: number, turn: number) =>
  Math.max(1, Math.round((seconds * 1000) / (2 * turn)))

/** The sides of one round by their position: drawn, then the same way back. */
export function order(sides: number, draw: Draw): number[] {
  const there = Array.from({ length: sides }, (_, index) => index)
  for (let left = sides; left > 1; left--) {
    const other = draw() % left
    const last = there[left - 1] as number
    there[left - 1] = there[other] as number
    there[other] = last
  }
  return [...there, ...[...there].reverse()]
}
