/** How long each side is asked at a time, and how much of that does not count. */
import type { Objective, Term } from './evidence.ts'

/** In seconds. */
export interface Turns {
  /** Of each side in a round, in two turns. */
  block: number
  /** At the beginning of each turn: it is asked, and does not count, for a queue begins empty. */
  lead: number
}

/**
 * In a queue at its limit the share of latencies beyond a time falls by e in each *decay*; its mean is as long. How it began is
 * forgotten by e in each 8 × decay² ÷ variance of the work that comes in a millisecond (the relaxation of a reflected Brownian
 * motion; Abate & Whitt, "Transient behavior of regulated Brownian motion", 1987). That variance nobody knows before. Where a limit
 * has room for 40 services of one length, 150 decays are more than two of those; with room for more, less of a capacity depends on it.
 */
const decays = 150

/** Seconds of a lead: what a quick limit has, and what even the longest one has no more than. */
const lead = { least: 0.4, most: 4 } as const

/** Seconds that count, at the least; nor is it less than the lead. */
const leastCounted = 1.6

const decayOf = (term: Term): number => {
  if (term.figure === 'failures') return 0
  return term.figure === 'mean' ? term.limitMs : term.limitMs / -Math.log(1 - term.share)
}

/** @param block what was asked for; absent: as long as the objectives need it */
export function turnsOf(objectives: readonly Objective[], block?: number): Turns {
  const decayMs = Math.max(...objectives.flatMap(({ terms }) => terms.map(decayOf)))
  const wanted = Math.min(lead.most, Math.max(lead.least, (decays * decayMs) / 1000))
  if (block === undefined) return { block: 2 * (wanted + Math.max(leastCounted, wanted)), lead: wanted }
  // Of a turn that someone asked for, at least a fifth and at most half.
  return { block, lead: Math.min(block / 4, Math.max(block / 10, wanted)) }
}
