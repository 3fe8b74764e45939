/**
 * How much of what an objective allows was used: requests over a limit of latency ÷ those that may be, latency ÷ its limit, failures ÷
 * those that may be. Below 1 a term is held, above it is crossed, whatever it is about.
 */
import type { Objective, Point } from './evidence.ts'

/** What was used by one point, and what it might have used. Both add up over points. */
export interface Use {
  used: number
  allowed: number
}

/** Where nothing was answered no mean exists: it counts as this many times its limit. */
const endless = 1000

/** One for each term. */
export function usesOf(point: Point, { terms }: Objective): Use[] {
  return terms.map((term, index) => {
    const within = point.within[index] ?? 0
    if (term.figure === 'percentile')
      return { used: point.due - within, allowed: point.due * (1 - term.share) }
    if (term.figure === 'failures') return { used: point.due - within, allowed: point.due * term.limit }
    if (point.answered > 0) return { used: within, allowed: point.answered * term.limitMs }
    return { used: endless * term.limitMs * point.due, allowed: term.limitMs * point.due }
  })
}

export const sumOf = (uses: readonly Use[]): Use => ({
  used: uses.reduce((sum, { used }) => sum + used, 0),
  allowed: uses.reduce((sum, { allowed }) => sum + allowed, 0),
})

/** Points by what they share, in ascending order of it. */
export function grouped<T>(all: readonly T[], key: (one: T) => number): [number, T[]][] {
  const groups = new Map<number, T[]>()
  for (const one of all) {
    const group = groups.get(key(one))
    if (group) group.push(one)
    else groups.set(key(one), [one])
  }
  return [...groups].sort(([a], [b]) => a - b)
}

/** Rounds by session: in each round at most one point a side. */
export const roundsOf = (points: readonly Point[]): Point[][][] =>
  grouped(points, ({ session }) => session).map(([, session]) =>
    grouped(session, ({ round }) => round).map(([, round]) => round),
  )
