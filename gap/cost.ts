/**
 * Client cost: a null operation through the same client, beside the target. Whatever k6, its driver, the kernel and the
 * loopback take for a question and its answer is in both, so that the difference is the target's own.
 *
 * Times are mean iterations (clients ÷ TPS): on a saturated machine it is chance whether a client waits for its turn before
 * its clock starts or after, so that latencies of two servers could not be subtracted.
 */
import { type Figures, figuresOf } from './figures.ts'
import type { Measurement, TargetName } from './measurement.ts'
import { type Ratio, ratioOf } from './ratio.ts'

export interface ClientCost {
  target: TargetName
  clients: number
  /** Milliseconds of a client for an answer: as seen, of the null operation, and the first less the second. */
  seenMs: number
  nullMs: number
  netMs: number
  /** Median latencies of both, as measured. */
  seenP50Ms: number
  nullP50Ms: number
  /** Answers a second of the null operation ÷ those of the target, by pairs: how much faster the client could have asked. */
  headroom: Ratio
  /** For Postgres: milliseconds of a client for a prepared `SELECT` of a constant by the real server. */
  constantMs?: number | undefined
  /** For the embedded service: the same for answers without feature store and model, and for those without the model. */
  frameworkMs?: number | undefined
  storeMs?: number | undefined
}

/** What was asked of a target besides, for parts of its time. */
const parts = {
  postgres: { constantMs: 'postgres-constant' },
  python: { frameworkMs: 'python-framework', storeMs: 'python-store' },
} as const

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
      const iteration = ({ tps }: Figures) => (clients / tps) * 1000
      const [seenMs, nullMs] = [iteration(seen), iteration(without)]
      return [
        {
          target,
          clients,
          seenMs,
          nullMs,
          netMs: seenMs - nullMs,
          seenP50Ms: seen.latencyMs.p50,
          nullP50Ms: without.latencyMs.p50,
          headroom: headroomOf(measurement, target, clients),
          ...Object.fromEntries(
            Object.entries(parts[target]).flatMap(([name, key]) => {
              const part = figuresOf(measurement, key, clients)
              return part?.tps ? [[name, iteration(part)]] : []
            }),
          ),
        },
      ]
    }),
  )
}

/** Where the headroom surely lies below, the client is so large a part of what was seen that nothing was measured. */
export const leastHeadroom = 3

/** python ÷ postgres of a client's time for an answer, without what the client costs; undefined where it was not measured. */
export function netGap(costs: ClientCost[], clients: number): number | undefined {
  const of = (target: TargetName) => costs.find((cost) => cost.target === target && cost.clients === clients)
  const [postgres, python] = [of('postgres'), of('python')]
  return postgres && python && postgres.netMs > 0 ? python.netMs / postgres.netMs : undefined
}
