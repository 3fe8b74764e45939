/**
 * Counts over all virtual users: k6's metric for its summary, thresholds and outputs, and one of our own that can be read
 * while the test runs, also where k6 keeps no metrics.
 */
import { Counter } from 'k6/metrics'
import rendezvous from 'k6/x/rendezvous'

export interface Count {
  add: (tags?: Record<string, string>) => void
  /** What was counted so far. */
  read: () => number
}

export function count(name: string): Count {
  const metric = new Counter(name)
  const own = `count of ${name}`
  return {
    add: (tags) => {
      metric.add(1, tags)
      rendezvous.turn(own)
    },
    read: () => rendezvous.turn(own, 0),
  }
}
