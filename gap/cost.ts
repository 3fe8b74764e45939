/**
 * Client cost: a null operation through the same client, beside the target. Whatever k6, its driver, the kernel and the
 * loopback take for a question and its answer is in both, so that the difference is the target's own.
 *
 * Times are mean iterations (clients ÷ TPS): on a saturated machine it is chance whether a client waits for its turn before
 * its clock starts or after, so that latencies of two servers could not be subtracted.
 */
import { type Figures, figuresOf } from './figures.ts'
import { type Measurement, sideOf } from './measurement.ts'
import { type Ratio, ratioOf } from './ratio.ts'

/** What an answer takes that goes a part of the way. */
export interface Part {
  /** The side that gives it. */
  key: string
  /** What is done up to there, in words. */
  until: string
  /** Milliseconds of a client for it. */
  ms: number
}

export interface ClientCost {
  /** The side. */
  key: string
  clients: number
  /** Milliseconds of a client for an answer: as seen, of the null operation, and the first less the second. */
  seenMs: number
  nullMs: number
  netMs: number
  /** Median latencies of both, as measured. */
  seenP50Ms: number
  nullP50Ms: number
  /** Answers a second of the null operation ÷ those of the side, by pairs: how much faster the client could have asked. */
  headroom: Ratio
  /** In the order in which the workload declares them: from the shortest part of the way to the longest. */
  parts: Part[]
}

/** Undefined where in no pair both were answered. */
function headroomOf(
  { blocks, settings: { seed } }: Measurement,
  key: string,
  without: string,
  clients: number,
): Ratio | undefined {
  const at = blocks.filter((block) => block.clients === clients)
  const sessions = [...new Set(at.map(({ session }) => session))]
  const ratios = sessions.map((session) =>
    at.flatMap((block) => {
      const isOwn = block.session === session && block.key === key && block.tps > 0
      const idle = isOwn && at.find((each) => each.key === without && each.pair === block.pair)
      return idle && idle.tps > 0 ? [idle.tps / block.tps] : []
    }),
  )
  return ratios.flat().length > 0 ? ratioOf(ratios, seed) : undefined
}

/** Milliseconds of a client for an answer. */
const iteration = ({ tps, clients }: Figures) => (clients / tps) * 1000

function partsOf(measurement: Measurement, key: string, clients: number): Part[] {
  return measurement.settings.beside.flatMap((beside) => {
    const { of, until } = sideOf(measurement, beside)
    const figures = of === key && until !== undefined ? figuresOf(measurement, beside, clients) : undefined
    return figures?.tps ? [{ key: beside, until: until as string, ms: iteration(figures) }] : []
  })
}

/** At each number of clients, for each side that had a null operation beside it. */
export function clientCosts(measurement: Measurement): ClientCost[] {
  const { clients: numbers, sides, beside } = measurement.settings
  return numbers.flatMap((clients) =>
    sides.flatMap((key) => {
      const without = beside.find((each) => {
        const { role, of } = sideOf(measurement, each)
        return role === 'null' && of === key
      })
      const seen = figuresOf(measurement, key, clients)
      const idle = without === undefined ? undefined : figuresOf(measurement, without, clients)
      if (without === undefined || !seen?.tps || !idle?.tps) return []
      const headroom = headroomOf(measurement, key, without, clients)
      if (!headroom) return []
      const [seenMs, nullMs] = [iteration(seen), iteration(idle)]
      return [
        {
          key,
          clients,
          seenMs,
          nullMs,
          netMs: seenMs - nullMs,
          seenP50Ms: seen.latencyMs.p50,
          nullP50Ms: idle.latencyMs.p50,
          headroom,
          parts: partsOf(measurement, key, clients),
        },
      ]
    }),
  )
}

/** Where the headroom surely lies below, the client is so large a part of what was seen that nothing was measured. */
export const leastHeadroom = 3

/** Of a client's time for an answer, last side ÷ the other, without what the client costs; undefined where it was not measured. */
export function netGap(costs: ClientCost[], key: string, last: string, clients: number): number | undefined {
  const of = (side: string) => costs.find((cost) => cost.key === side && cost.clients === clients)
  const [one, other] = [of(key), of(last)]
  return one && other && one.netMs > 0 ? other.netMs / one.netMs : undefined
}
