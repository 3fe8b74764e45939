/**
 * Client cost: the latency of a null operation through the same client, beside that of the target. Whatever k6, its driver,
 * the kernel and the loopback take for a question and its answer is in both, so that the difference is the target's own.
 */
import { figuresOf } from './figures.ts'
import type { Measurement, TargetName } from './measurement.ts'
import { type Ratio, ratioOf } from './ratio.ts'

export interface ClientCost {
  target: TargetName
  clients: number
  /** Milliseconds, means: as seen, of the null operation, and the first less the second. */
  seenMs: number
  nullMs: number
  netMs: number
  /** The same of medians. */
  seenP50Ms: number
  nullP50Ms: number
  netP50Ms: number
  /** Answers a second of the null operation ÷ those of the target, by pairs: how much faster the client could have asked. */
  headroom: Ratio
  /** For Postgres: mean milliseconds of a prepared `SELECT` of a constant by the real server. */
  constantMs?: number
}

function headroomOf({ blocks, settings: { seed } }: Measurement, target: TargetName, clients: number): Ratio {
  const own = blocks.filter((block) => block.clients === clients)
  const sessions = [...new Set(own.map(({ session }) => session))]
  return ratioOf(
    sessions.map((session) =>
      own.flatMap((block) => {
        const isOwn = block.session === session && block.key === target && block.tps > 0
        const without = isOwn && own.find(({ key, pair }) => key === `${target}-null` && pair === block.pair)
        return without && without.tps > 0 ? [without.tps / block.tps] : []
      }),
    ),
    seed,
  )
}

/** At each number of clients, for each target that had a null operation beside it. */
export function clientCosts(measurement: Measurement): ClientCost[] {
  return measurement.settings.clients.flatMap((clients) =>
    (['postgres', 'python'] as const).flatMap((target) => {
      const seen = figuresOf(measurement, target, clients)
      const without = figuresOf(measurement, `${target}-null`, clients)
      if (!seen?.tps || !without?.tps) return []
      const constant =
        target === 'postgres' ? figuresOf(measurement, 'postgres-constant', clients) : undefined
      const [a, b] = [seen.latencyMs, without.latencyMs]
      return [
        {
          target,
          clients,
          seenMs: a.mean,
          nullMs: b.mean,
          netMs: a.mean - b.mean,
          seenP50Ms: a.p50,
          nullP50Ms: b.p50,
          netP50Ms: a.p50 - b.p50,
          headroom: headroomOf(measurement, target, clients),
          ...(constant && { constantMs: constant.latencyMs.mean }),
        },
      ]
    }),
  )
}

/** A client that could not have asked so many times faster is part of what was measured. */
export const leastHeadroom = 3

/** python ÷ postgres of mean latency without what the client costs; undefined where it was not measured. */
export function netGap(costs: ClientCost[], clients: number): number | undefined {
  const of = (target: TargetName) => costs.find((cost) => cost.target === target && cost.clients === clients)
  const [postgres, python] = [of('postgres'), of('python')]
  return postgres && python && postgres.netMs > 0 ? python.netMs / postgres.netMs : undefined
}
