/**
 * Counts over all virtual users: k6's metric for its summary, thresholds and outputs, and one of our own that can be read
 * while the test runs, also where k6 keeps no metrics.
 */
import { Counter } from 'k6/metrics'
import rendezvous from 'k6/x/rendezvous'

export interface Count {
  /** @param part counts on its own, for whoever reads that part */
  add: (tags?: Record<string, string>, part?: string) => void
  /** What was counted so far, of a part or where none was named. */
  read: (part?: string) => number
}

export function count(name: string): Count {
  const metric = new Counter(name)
  const own = (part = '') => `count of ${name}/${part}`
  return {
    add: (tags, part) => {
      metric.add(1, tags)
      rendezvous.turn(own(part))
    },
    read: (part) => rendezvous.turn(own(part), 0),
  }
}
