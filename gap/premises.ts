/** What the method takes for granted, looked at in each run: a figure whose premise is broken is no figure. */
import { type ClientCost, clientCosts, leastHeadroom } from './cost.ts'
import { causesOf, type Explanation, mostLikely } from './failures.ts'
import { type FailureKind, isNullOperation, type MeasuredBlock, type Measurement } from './measurement.ts'

/** Something that the method takes for granted, looked at in this run. */
export interface Premise extends Explanation {
  name: string
  holds: boolean
  /** What was seen. */
  seen: string
}

/** The failures that most likely broke a premise, else what else is known to break it; nothing where it holds. */
function explained(
  premise: Premise,
  measurement: Measurement,
  counts: (failure: FailureKind) => boolean,
  otherwise: Explanation,
): Premise {
  if (premise.holds) return premise
  const failed = mostLikely(causesOf(measurement, counts))
  return { ...premise, ...(failed.cause === undefined ? otherwise : failed) }
}

const anyFailure = () => true

/** Most new connections to the service for each that a client needs, before keep-alive counts as broken. */
const allowedReconnects = 1.1

/** Most that clients and TPS × mean iteration may differ by, as a share of the clients. */
const littlesTolerance = 0.03

const percent = (share: number) => `${(share * 100).toFixed(1)} %`

function keepAlive(measurement: Measurement): Premise {
  const { pythonConnections, pythonClients } = measurement.premises
  const own = measurement.blocks.filter(({ target, phase }) => target === 'python' && phase === 'measure')
  const requests = own.reduce((total, { ok, failed }) => total + ok.count + failed.count, 0)
  const keys = new Set(own.map(({ key }) => key))
  return explained(
    {
      name: 'keep-alive',
      holds: pythonConnections <= pythonClients * allowedReconnects,
      seen: `${pythonConnections} connections opened by ${pythonClients} clients for ${requests} requests`,
    },
    measurement,
    ({ key }) => keys.has(key),
    {
      cause: 'the service, or what stands before it, closes connections after their answers',
      next: 'Let it keep them: Connection: keep-alive, no sync workers, no limit of requests or of seconds',
    },
  )
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
function littlesLaw(measurement: Measurement): Premise {
  const { settings, blocks } = measurement
  const seen = settings.clients.flatMap((clients) =>
    settings.sides.flatMap((key) => {
      const own = blocks.filter((block) => block.key === key && block.clients === clients)
      const concurrency = concurrencyOf(own)
      return concurrency === undefined ? [] : [{ key, clients, off: Math.abs(concurrency / clients - 1) }]
    }),
  )
  const worst = seen.reduce((a, b) => (b.off > a.off ? b : a), { key: '', clients: 0, off: 0 })
  const premise = {
    name: "Little's law",
    holds: seen.length > 0 && worst.off <= littlesTolerance,
    seen:
      seen.length === 0
        ? 'no block in which requests fitted into their turns'
        : `clients and TPS × mean iteration differ by ${percent(worst.off)} at most${worst.key && ` (${worst.key}, ${worst.clients})`}`,
  }
  return seen.length === 0
    ? explained(premise, measurement, anyFailure, {
        cause: 'answers take longer than a turn lasts',
        next: 'A faster target, or fewer --clients',
      })
    : explained(premise, measurement, ({ key }) => key === worst.key, {
        cause:
          'something else takes the cores of this machine, or so few requests were measured that one weighs much',
        next: 'Wait for other work to end, or measure longer: --block 6',
      })
}

/** Judged where latency is service time and no queue; with more clients the load generator shares a busy machine. */
function clientNotSaturated(measurement: Measurement, costs: ClientCost[]): Premise[] {
  const { settings } = measurement
  const fewest = Math.min(...settings.clients)
  const own = costs.filter(({ clients }) => clients === fewest)
  if (own.length === 0) return []
  return [
    explained(
      {
        name: 'client not saturated',
        // Broken where it surely is: a single pair or a busy machine proves nothing.
        holds: own.every(({ headroom }) => headroom.high >= leastHeadroom),
        seen: `at ${fewest} client${fewest === 1 ? '' : 's'} a null operation is answered ${own
          .map(({ target, headroom }) => `${headroom.median.toFixed(1)} times as often as ${target}`)
          .join(', ')}`,
      },
      measurement,
      // A null operation that fails is no measure of the client.
      ({ key }) => isNullOperation(key),
      {
        cause: 'the load generator shares too small a machine with the targets',
        next: 'Fewer --clients, or targets of your own elsewhere (--postgres-url, --python-url)',
      },
    ),
  ]
}

function answers(measurement: Measurement): Premise {
  const { blocks } = measurement
  const silent = blocks.filter(({ ok }) => ok.count === 0)
  const concerns = (failure: FailureKind) =>
    silent.some(({ key, clients }) => key === failure.key && clients === failure.clients)
  return explained(
    {
      name: 'answers',
      holds: silent.length === 0,
      seen: `in ${blocks.length - silent.length} of ${blocks.length} blocks`,
    },
    measurement,
    concerns,
    { next: "k6's log, beside the report, has what failed" },
  )
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
      ...(unpreparedClients > 0 && {
        cause: 'a pooler before Postgres hands out its connections without their statements',
        next: 'Ask by --query-mode extended, or let the pooler follow prepared statements',
      }),
    })
  list.push(answers(measurement))
  if (settings.sides.length > 1)
    list.push(
      explained(
        {
          name: 'same keys, same model',
          holds: compared > 0 && different === 0,
          seen: `after connecting, all sides were asked the same keys ${compared} times; ${different} times their predictions differed`,
        },
        measurement,
        ({ phase }) => different === 0 && phase === 'opening',
        different === 0
          ? {}
          : {
              cause:
                'the sides have not the same model or not the same rows, or one of them changed meanwhile',
              next: 'Train both from the same rows, and let nothing change them while they are measured',
            },
      ),
    )
  if (!isOpen) list.push(littlesLaw(measurement))
  return [...list, ...clientNotSaturated(measurement, costs)]
}
