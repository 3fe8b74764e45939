/** The published experiment beside what it says it is: each way one row. */
import { median } from 'simple-statistics'
import { published, publishedService } from '../workload/published.ts'

/** One way of asking, over all rounds. */
export interface Way {
  name: string
  meanMs: number
  tps: number
  failures: number
  /** Share of answers after which the connection stayed; undefined where the client does not say. */
  keptAlive?: number
  /** Where the client says. */
  p99Ms?: number
  maxMs?: number
}

export type WayRound = Omit<Way, 'name'>

export function wayOf(name: string, rounds: WayRound[]): Way {
  const middle = (name: 'keptAlive' | 'p99Ms' | 'maxMs') => {
    const known = rounds.flatMap((round) => round[name] ?? [])
    return known.length > 0 ? { [name]: median(known) } : {}
  }
  return {
    name,
    meanMs: median(rounds.map(({ meanMs }) => meanMs)),
    tps: median(rounds.map(({ tps }) => tps)),
    failures: rounds.reduce((sum, { failures }) => sum + failures, 0),
    ...middle('keptAlive'),
    ...middle('p99Ms'),
    ...middle('maxMs'),
  }
}

/** Ways that were not answered rightly each time, in words: their figures are none. */
export const failuresOfWays = (ways: readonly Way[]): string[] =>
  ways.flatMap(({ name, failures }) => (failures > 0 ? [`${name}: ${failures} failed`] : []))

/** As published; its ApacheBench output says `Keep-Alive requests: 0`. */
export const publishedWays: Way[] = [
  { name: 'published: pgbench extended', ...published.sides.postgres, failures: 0 },
  { name: 'published: ab -k', ...publishedService, keptAlive: 0 },
]
