/**
 * The order of the blocks of a comparison: for each number of clients a warm-up of both targets, then pairs of blocks.
 *
 * Within a pair the two sides follow each other, and the order turns round from pair to pair (A B B A …), so that a
 * machine that slows down or speeds up hits both alike; the seed decides who begins.
 */
import type { Target } from './settings.ts'

export interface Block {
  /** Unique within the plan, fit for a k6 scenario's name. */
  name: string
  target: Target
  /** Position of its side in the comparison: 0 is what the other is measured against. */
  side: number
  clients: number
  phase: 'warmup' | 'measure'
  /** Counts from 1 within one number of clients; 0 for the warm-up. */
  pair: number
  /** Seconds from the start of the test. */
  start: number
  /** Seconds. */
  duration: number
}

export interface PlanSettings {
  clients: number[]
  pairs: number
  /** Seconds of a measured block. */
  blockSeconds: number
  /** Seconds of each target's warm-up at each number of clients. */
  warmupSeconds: number
  seed: number
  /** The target of each side: both the same for an A/A comparison, one alone to have its blocks only. */
  sides: Target[]
}

/** Seconds between two blocks: the last requests of one end before the first of the next. */
export const pause = 0.5

export function plan({ clients, pairs, blockSeconds, warmupSeconds, seed, sides }: PlanSettings): Block[] {
  const blocks: Block[] = []
  let start = 0
  const add = (block: Omit<Block, 'name' | 'start'>) => {
    blocks.push({
      ...block,
      name: `c${block.clients}_p${block.pair}_${'ab'[block.side]}_${block.target}`,
      start,
    })
    start += block.duration + pause
  }
  for (const [index, count] of clients.entries()) {
    for (let pair = 0; pair <= pairs; pair++) {
      const order = [...sides.entries()]
      if ((seed + index + pair) % 2 !== 0) order.reverse()
      const phase = pair === 0 ? 'warmup' : 'measure'
      const duration = phase === 'warmup' ? warmupSeconds : blockSeconds
      for (const [side, target] of order) add({ target, side, clients: count, phase, pair, duration })
    }
  }
  return blocks
}
