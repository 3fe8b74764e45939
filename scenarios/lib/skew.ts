/**
 * By how much this machine's clock is ahead of one that all parts of a comparison can ask: a side's. A clock is read between sending and
 * having the answer; what all readings allow is what is known.
 */
import clock from 'k6/x/clock'
import rendezvous from 'k6/x/rendezvous'
import type { ResolvedSide } from '../../workload/resolve.ts'
import type { Clock } from './ask.ts'
import { failed, say } from './failure.ts'
import { clockOf } from './sides.ts'

export interface Skew {
  /** Key of the side whose clock was asked. */
  key: string
  /** Milliseconds that this machine is ahead. */
  aheadMs: number
  /** By so much it may be wrong. */
  withinMs: number
}

/** One look: two moments of our clock, and the bounds between which the other one stood meanwhile. */
export type Reading = [sent: number, received: number, from: number, to: number]

/** @param readings at least one, all in milliseconds since 1970 */
export function skewIn(readings: readonly Reading[]): Omit<Skew, 'key'> {
  const least = Math.max(...readings.map(([sent, , , to]) => sent - to))
  const most = Math.min(...readings.map(([, received, from]) => received - from))
  // Where they contradict each other, one of the clocks was moved, or tells the time late: that is how little is known.
  return { aheadMs: (least + most) / 2, withinMs: Math.abs(most - least) / 2 }
}

/** Long enough that a clock of whole seconds moves on. */
const fewest = 20
const lastsMs = 1100

function read(other: Clock): Reading[] {
  const readings: Reading[] = []
  const ours = () => clock.origin() + clock.now()
  const until = clock.now() + (other.everyMs > 0 ? lastsMs : 0)
  while (readings.length < fewest || clock.now() < until) {
    const sent = ours()
    const stood = other.read()
    const received = ours()
    if (!stood) return []
    readings.push([sent, received, ...stood])
    if (other.everyMs > 0) rendezvous.waitUntil(clock.now() + other.everyMs)
  }
  return readings
}

/** A database's clock moves more finely than the Date of a service. */
const finest = (sides: readonly ResolvedSide[]) =>
  [...sides].sort((a, b) => Number(b.protocol === 'sql') - Number(a.protocol === 'sql'))

/** Undefined where no side says what time it is. */
export function skewAgainst(sides: readonly ResolvedSide[]): Skew | undefined {
  for (const side of finest(sides.filter(({ role }) => role === 'predict'))) {
    let other: Clock | undefined
    try {
      other = clockOf(side)
      const readings = read(other)
      if (readings.length > 0) return { key: side.key, ...skewIn(readings) }
    } catch (error) {
      say(`the clock of ${side.key} could not be asked`, failed(error))
    } finally {
      other?.close()
    }
  }
  return undefined
}
