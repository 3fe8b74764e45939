/** What the method takes for granted, looked at in each run: a figure whose premise is broken is no figure. */
import { type ClientCost, clientCosts, leastHeadroom } from './cost.ts'
import type { MeasuredBlock, Measurement } from './measurement.ts'

/** Something that the method takes for granted, looked at in this run. */
export interface Premise {
  name: string
  holds: boolean
  /** What was seen. */
  seen: string
}

/** Most new connections to the service for each that a client needs, before keep-alive counts as broken. */
const allowedReconnects = 1.1

/** Most that clients and TPS × mean iteration may differ by, as a share of the clients. */
const littlesTolerance = 0.03

const percent = (share: number) => `${(share * 100).toFixed(1)} %`

function keepAlive({ premises: { pythonConnections, pythonClients }, blocks }: Measurement): Premise {
  const requests = blocks
    .filter(({ target, phase }) => target === 'python' && phase === 'measure')
    .reduce((total, { ok, failed }) => total + ok.count + failed.count, 0)
  return {
    name: 'keep-alive',
    holds: pythonConnections <= pythonClients * allowedReconnects,
    seen: `${pythonConnections} connections opened by ${pythonClients} clients for ${requests} requests`,
  }
}

/** TPS × mean iteration, over the blocks of one side at one number of clients. */
function concurrencyOf(blocks: MeasuredBlock[]): number | undefined {
  const known = blocks.filter(({ concurrency }) => concurrency !== null)
  const weight = known.reduce((sum, { windowMs }) => sum + windowMs, 0)
  return weight > 0
    ? known.reduce((sum, { concurrency, windowMs }) => sum + (concurrency as number) * windowMs, 0) / weight
    : undefined
}

/** Little's law: were there as many clients at work as it says? It is checked, not used to get one figure from the other. */
function littlesLaw({ settings, blocks }: Measurement): Premise {
  const seen = settings.clients.flatMap((clients) =>
    settings.sides.flatMap((key) => {
      const own = blocks.filter((block) => block.key === key && block.clients === clients)
      const concurrency = concurrencyOf(own)
      return concurrency === undefined ? [] : [{ key, clients, off: Math.abs(concurrency / clients - 1) }]
    }),
  )
  const worst = seen.reduce((a, b) => (b.off > a.off ? b : a), { key: '', clients: 0, off: 0 })
  return {
    name: "Little's law",
    holds: seen.length > 0 && worst.off <= littlesTolerance,
    seen:
      seen.length === 0
        ? 'no block in which requests fitted into their turns'
        : `clients and TPS × mean iteration differ by ${percent(worst.off)} at most${worst.key && ` (${worst.key}, ${worst.clients})`}`,
  }
}

/** Judged where latency is service time and no queue; with more clients the load generator shares a busy machine. */
function clientNotSaturated({ settings }: Measurement, costs: ClientCost[]): Premise[] {
  const fewest = Math.min(...settings.clients)
  const own = costs.filter(({ clients }) => clients === fewest)
  if (own.length === 0) return []
  return [
    {
      name: 'client not saturated',
      // Broken where it surely is: a single pair or a busy machine proves nothing.
      holds: own.every(({ headroom }) => headroom.high >= leastHeadroom),
      seen: `at ${fewest} client${fewest === 1 ? '' : 's'} a null operation is answered ${own
        .map(({ target, headroom }) => `${headroom.median.toFixed(1)} times as often as ${target}`)
        .join(', ')}`,
    },
  ]
}

/** @param costs of this measurement, where they are known already */
export function premisesOf(measurement: Measurement, costs = clientCosts(measurement)): Premise[] {
  const { premises, settings, blocks } = measurement
  const { compared, different, unpreparedClients } = premises
  const isOpen = settings.rate > 0
  const list: Premise[] = []
  if (settings.sides.includes('python')) list.push(keepAlive(measurement))
  if (
    blocks.some(({ target, key }) => target === 'postgres' && key !== 'postgres-null') &&
    settings.queryMode === 'prepared'
  )
    list.push({
      name: 'prepared',
      holds: unpreparedClients === 0,
      seen: `${unpreparedClients} connections without the prepared statement`,
    })
  list.push({
    name: 'answers',
    holds: blocks.every(({ ok }) => ok.count > 0),
    seen: `in ${blocks.filter(({ ok }) => ok.count > 0).length} of ${blocks.length} blocks`,
  })
  if (settings.sides.length > 1)
    list.push({
      name: 'same keys, same model',
      holds: compared > 0 && different === 0,
      seen: `after connecting, all sides were asked the same keys ${compared} times; ${different} times their predictions differed`,
    })
  if (!isOpen) list.push(littlesLaw(measurement))
  return [...list, ...clientNotSaturated(measurement, costs)]
}
