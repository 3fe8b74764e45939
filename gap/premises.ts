/** What the method takes for granted, looked at in each run: a figure whose premise is broken is no figure. */
import { failureBoundOf, type Thresholds } from './bounds.ts'
import { type ClientCost, clientCosts, leastHeadroom } from './cost.ts'
import { causesOf, type Explanation, failedShareOf, mostLikely } from './failures.ts'
import { hostsAnswer } from './hosts.ts'
import { type FailureKind, isOpenModel, type MeasuredBlock, type Measurement, sideOf } from './measurement.ts'
import { accountedShare, clientsInWords, hidden, hiddenInWords, isTogether, isWakingUp } from './outside.ts'
import { mostStep, type Step, stepsOf } from './steady.ts'
import { ofParts } from './together.ts'

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

/** Most that clients and TPS × mean iteration may differ by, as a share of the clients. */
const littlesTolerance = 0.03

const percent = (share: number) => `${(share * 100).toFixed(1)} %`

/**
 * A connection that took a lost one's place was opened in the midst of what is measured. Where a request failed by the loss it is
 * among the failures; without one it would be seen nowhere.
 */
function keepAlive(measurement: Measurement): Premise[] {
  const { connections = [], blocks, time } = measurement
  /** Of a side, at one number of clients in one session or at all. */
  const countsOf = (key: string, at?: { clients: number; session: number }) => {
    const isMeant = (each: { key: string | null; clients: number; session: number }) =>
      each.key === key && (at === undefined || isTogether(each, at))
    const sum = (of: 'opened' | 'replaced') =>
      connections.filter(isMeant).reduce((total, each) => total + each[of], 0)
    const failed =
      blocks.filter(isMeant).reduce((total, block) => total + block.failed.count, 0) +
      (time?.spent ?? [])
        .filter((each) => isMeant(each) && each.phase === 'measure')
        .reduce((total, each) => total + each.failed, 0)
    return { key, opened: sum('opened'), replaced: sum('replaced'), failed }
  }
  const seen = [...new Set(connections.map(({ key }) => key))].map((key) => countsOf(key))
  if (seen.length === 0) return []
  const lost = seen.filter(({ replaced }) => replaced > 0)
  const opened = seen.reduce((total, each) => total + each.opened, 0)
  return [
    explained(
      {
        name: 'keep-alive',
        // What failed at another number of clients, or in another session, explains no loss here.
        holds: connections.every((each) => {
          const { replaced, failed } = countsOf(each.key, each)
          return replaced <= failed
        }),
        seen:
          lost.length === 0
            ? `none of the ${opened} connections that were opened had to be replaced`
            : lost
                .map(
                  ({ key, opened, replaced, failed }) =>
                    `${key}: ${replaced} connections were lost and replaced, beside the ${opened} that were opened, and ${failed} requests failed`,
                )
                .join('; '),
      },
      measurement,
      ({ key }) => lost.some((each) => each.key === key),
      {
        cause:
          'the target, or what stands before it, closes connections that are in use: it was reloaded or restarted, or keeps them for some requests or seconds only',
        next: 'Let it keep them: Connection: keep-alive, no sync workers, no limit of requests or of seconds, no restart meanwhile',
      },
    ),
  ]
}

/** Nothing may stand still where no figure would show it. */
function outsideTheTurns(measurement: Measurement): Premise[] {
  if (!measurement.time) return []
  const found = hidden(measurement).filter((each) => !isWakingUp(each))
  const longest = measurement.time.spent
    .filter(({ stage, phase }) => phase === 'measure' && stage !== 'waiting' && stage !== 'resting')
    .reduce((most, { largestMs }) => Math.max(most, largestMs ?? 0), 0)
  const keys = [...new Set(found.flatMap(({ key }) => key ?? []))]
  return [
    explained(
      {
        name: 'outside the turns',
        holds: found.length === 0,
        seen:
          found.length === 0
            ? `between the requests that count nothing stood still; what took longest there took ${longest.toFixed(0)} ms`
            : `between the requests that count, in no figure: ${found.map(hiddenInWords).join('; ')}`,
      },
      measurement,
      ({ key, phase }) => keys.includes(key) && (phase === 'opening' || phase === 'lead'),
      {
        cause:
          keys.length === 1
            ? `${keys.join()} stood still while it was not measured, or what it runs on did`
            : 'the machine stood still, for more than one side was met',
        next: 'See in its log what it did then, and measure again',
      },
    ),
  ]
}

/** Less would mean that something goes on that nobody takes down … */
const leastAccounted = 0.95
/** … but for what k6 takes to end, milliseconds of a session however short it is. */
const toEnd = 300

function allTime({ time }: Measurement): Premise[] {
  if (!time) return []
  const { sessions } = time
  const share = accountedShare(time)
  const length = sessions.reduce((total, { lengthMs }) => total + lengthMs, 0)
  const missing = sessions.reduce((total, { lengthMs, accountedMs }) => total + lengthMs - accountedMs, 0)
  const holds = share >= leastAccounted || missing <= toEnd * sessions.length
  return [
    {
      name: 'time accounted for',
      holds,
      seen: `${percent(share)} of the ${(length / 1000).toFixed(1)} s that k6 ran`,
      ...(!holds && {
        cause: 'the machine kept k6 itself from running',
        next: 'Measure again where less else runs',
      }),
    },
  ]
}

/** TPS × mean iteration, over the blocks of one side at one number of clients. */
function concurrencyOf(blocks: MeasuredBlock[]): number | undefined {
  const known = blocks.filter(({ concurrency }) => concurrency !== null)
  const weight = known.reduce((sum, { windowMs }) => sum + windowMs, 0)
  return weight > 0
    ? known.reduce((sum, { concurrency, windowMs }) => sum + (concurrency as number) * windowMs, 0) / weight
    : undefined
}

/** Seconds of a block that nobody finds too long, and mean answers that one has room for: a turn is at most half of it. */
const usualBlock = 30
const answersOfBlock = 10

/** What has turns hold some answers of the slowest side. */
function longerTurns({ blocks, parts }: Measurement): string {
  const answer = Math.max(0, ...blocks.map(({ ok }) => ok.meanMs ?? 0)) / 1000
  const block = Math.max(usualBlock, Math.ceil(answersOfBlock * answer))
  // Several k6 keep to the turns that all were given.
  return parts
    ? `Longer turns, as TURN_SECONDS=${block / 2} with BLOCK_SECONDS=${block}; or fewer CLIENTS`
    : `Longer blocks, as --block ${block}, of which a turn takes half at most; or fewer --clients`
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
  const unseen = settings.clients.flatMap((clients) =>
    settings.sides.flatMap((key) =>
      seen.some((each) => each.key === key && each.clients === clients) ? [] : [`${key}, ${clients}`],
    ),
  )
  const worst = seen.reduce((a, b) => (b.off > a.off ? b : a), { key: '', clients: 0, off: 0 })
  const premise = {
    name: "Little's law",
    holds: seen.length > 0 && worst.off <= littlesTolerance,
    seen:
      seen.length === 0
        ? 'no block in which requests fitted into their turns'
        : `clients and TPS × mean iteration differ by ${percent(worst.off)} at most${worst.key && ` (${worst.key}, ${worst.clients})`}${unseen.length > 0 ? `; not looked at, for no request fitted into a turn: ${unseen.join('; ')}` : ''}`,
  }
  return seen.length === 0
    ? explained(premise, measurement, anyFailure, {
        cause: 'answers take half a turn or longer',
        next: longerTurns(measurement),
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
        seen: `at ${clientsInWords(fewest)} a null operation is answered ${own
          .map(({ key, headroom }) => `${headroom.median.toFixed(1)} times as often as ${key}`)
          .join(', ')}`,
      },
      measurement,
      // A null operation that fails is no measure of the client.
      ({ key }) => sideOf(measurement, key).role === 'null',
      {
        cause: 'the load generator shares too small a machine with the targets',
        next: 'Fewer --clients, or the load generator on a machine of its own',
      },
    ),
  ]
}

/** Failures as a share of a side's requests that are too many where no threshold speaks of them. */
const mostFailed = 0.01

/**
 * Sides of which too many requests failed, although nobody has said how many may. At each number of clients by itself, as figures are:
 * those of many clients would hide what failed of a few.
 */
function failingOf({ settings, blocks }: Measurement, thresholds: Thresholds) {
  return settings.sides.flatMap((key) =>
    settings.clients.flatMap((clients) => {
      const own = blocks.filter(
        (block) => block.key === key && block.clients === clients && block.phase === 'measure',
      )
      const share = failedShareOf(own)
      return share > mostFailed && failureBoundOf(thresholds, key) === undefined
        ? [{ key, clients, share }]
        : []
    }),
  )
}

function answers(measurement: Measurement, thresholds: Thresholds): Premise {
  const { blocks, settings } = measurement
  const where = (clients: number) => (settings.clients.length === 1 ? '' : `at ${clientsInWords(clients)} `)
  const silent = blocks.filter(({ ok }) => ok.count === 0)
  const failing = silent.length > 0 ? [] : failingOf(measurement, thresholds)
  const concerns = (failure: FailureKind) =>
    silent.some(({ key, clients }) => key === failure.key && clients === failure.clients) ||
    failing.some(({ key, clients }) => key === failure.key && clients === failure.clients)
  return explained(
    {
      name: 'answers',
      holds: silent.length === 0 && failing.length === 0,
      seen: [
        `in ${blocks.length - silent.length} of ${blocks.length} blocks`,
        ...failing.map(
          ({ key, clients, share }) =>
            `${where(clients)}${percent(share)} of the requests of ${key} failed, and no maxFailureRate permits any`,
        ),
      ].join('; '),
    },
    measurement,
    concerns,
    { next: "k6's log, beside the report, has what failed" },
  )
}

/** Premises of a run as they are by other thresholds: what these permit, or permit no longer. */
export function premisesBy(
  premises: readonly Premise[],
  measurement: Measurement,
  thresholds: Thresholds,
): Premise[] {
  const now = answers(measurement, thresholds)
  return premises.map((before) => (before.name === now.name ? now : before))
}

/** A gap between what a side was before and what it is now is none. */
function steady(measurement: Measurement): Premise[] {
  const steps = stepsOf(measurement)
  if (steps.length === 0) return []
  const size = ({ times }: Step) => Math.max(times, 1 / times)
  const worst = steps.reduce((a, b) => (size(b) > size(a) ? b : a))
  const { key, clients, times, session, pair } = worst
  const holds = size(worst) <= mostStep
  return [
    explained(
      {
        name: 'steady',
        holds,
        seen: holds
          ? `no side became more than ${mostStep} times as slow or as fast, against the last one`
          : `${key} at ${clientsInWords(clients)} became ${size(worst).toFixed(1)} times as ${times > 1 ? 'slow' : 'fast'}, against the last side, in pair ${pair} of session ${session}`,
      },
      measurement,
      (failure) => failure.key === key && failure.phase === 'measure',
      {
        cause: `${key} or the last side changed while it was measured: an index, a plan, a model, or a limit`,
        next: 'See what changed then; where a side takes so long to wake up, give it a longer --warmup',
      },
    ),
  ]
}

/**
 * @param costs of this measurement, where they are known already
 * @param thresholds by which it is judged: what they permit breaks no premise
 */
export function premisesOf(
  measurement: Measurement,
  costs = clientCosts(measurement),
  thresholds: Thresholds = {},
): Premise[] {
  const { premises, settings } = measurement
  const { compared, different, unpreparedClients } = premises
  const isOpen = isOpenModel(measurement)
  const list: Premise[] = [...ofParts(measurement), ...hostsAnswer(measurement), ...keepAlive(measurement)]
  const isPrepared = measurement.workload.asked.some(
    ({ mode, role }) => mode === 'prepared' && role !== 'null',
  )
  if (isPrepared)
    list.push({
      name: 'prepared',
      holds: unpreparedClients === 0,
      seen: `${unpreparedClients} connections without the prepared statement`,
      ...(unpreparedClients > 0 && {
        cause: 'a pooler before the database hands out its connections without their statements',
        next: 'Ask by --query-mode extended, or let the pooler follow prepared statements',
      }),
    })
  list.push(answers(measurement, thresholds))
  // All of them predict: null operations and parts are asked beside them.
  if (settings.sides.length > 1 && compared !== null)
    list.push(
      explained(
        {
          name: 'same keys, same model',
          holds: compared > 0 && different === 0,
          seen: `after connecting, all sides were asked the same ${compared} questions; ${different} times their answers differed`,
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
  list.push(...steady(measurement), ...outsideTheTurns(measurement), ...allTime(measurement))
  return [...list, ...clientNotSaturated(measurement, costs)]
}
