/**
 * The order of a comparison. At each number of clients: a warm-up of all sides, then pairs of blocks.
 *
 * The blocks of a pair are interleaved: each consists of many short turns, and the sides take them in an order that is drawn
 * anew for each round and then turned round (A B B A, B A A B, …). A machine's speed moves within seconds; sides that
 * follow each other within milliseconds meet the same weather (randomised multiple interleaved trials, Abedi & Brecht,
 * ICPE'17). On a machine where A/A comparisons in blocks of 2 s left ± 9 % in half a minute, turns of 100 ms left ± 3 %.
 */
import type { Draw } from '../../workload/draw.ts'

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
