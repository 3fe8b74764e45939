/** `inference-gap capacity`: the highest arrival rate at which each side holds its objective, and what that means for hosts. */
import { BadInput, CouldNotMeasure } from '../build/failure.ts'
import type { Thresholds } from '../gap/bounds.ts'
import type { Capacity } from '../gap/capacity/capacity.ts'
import { Confirmation, type SideConfirmation } from '../gap/capacity/confirmation.ts'
import type { Objective } from '../gap/capacity/evidence.ts'
import { judgeCapacity } from '../gap/capacity/judge.ts'
import { type Given, objectiveOf } from '../gap/capacity/objective.ts'
import type { Resources } from '../gap/capacity/resources.ts'
import { Search, type SearchSide, type SideResult } from '../gap/capacity/search.ts'
import { causesOf, mostLikely } from '../gap/failures.ts'
import { figuresOf } from '../gap/figures.ts'
import type { Measurement } from '../gap/measurement.ts'
import { type Premise, premisesOf } from '../gap/premises.ts'
import { readThresholds } from '../gap/thresholds.ts'
import type { Outcome } from '../gap/verdict.ts'
import { formats } from '../report/capacity/formats.ts'
import { asNulls, sideOf } from '../report/capacity/rows.ts'
import type { CapacityRun } from '../report/capacity/run.ts'
import { capacityReport } from '../report/capacity/terminal.ts'
import { type Results, withResults } from '../report/results.ts'
import { factsOf, machine } from '../targets/facts.ts'
import { sample } from '../targets/parity.ts'
import { allSides } from '../workload/resolve.ts'
import { answersInWords, drawInWords, keysOfParity, parityOf, unknown } from './asked.ts'
import { type Batches, checkBatches, measureBatches } from './batches.ts'
import { nullKey, type RoundSettings, Rounds } from './capacity/rounds.ts'
import { usedAt } from './capacity/used.ts'
import { codeOf } from './exit-codes.ts'
import { Missed } from './missed.ts'
import { refuseBroken } from './premises.ts'
import { show } from './progress.ts'
import { Sessions } from './sessions.ts'
import {
  type GivenTargets,
  predictingSides,
  readTargets,
  type Targets,
  thresholdsFileOf,
  withTargets,
} from './targets.ts'

export interface CapacityOptions extends GivenTargets, Omit<RoundSettings, 'clients'> {
  /** What is to hold, for a side or for all. */
  objective: Given[]
  /** Of the closed model; of the largest of them requests in the open model are sent. */
  clients: number[]
  /** Rounds of the search, at most. */
  rounds: number
  /** Half of the interval's width that is narrow enough, as a share. */
  precision: number
  /** Keys that are asked for at once, too. */
  batch?: number[]
  thresholds?: string
  json?: boolean
  quiet?: boolean
  command: string
}

/** What users of an interactive product hardly notice. */
export const usualObjective = 'p99<10ms,failures<0.1%'

/** Pairs of the closed model, and seconds of a block: its throughput is where the search begins, and what the law is fitted to. */
const closed = { pairs: 4, block: 1 }

/** Sizes are compared with each other as sides are: what a start decides must not pass for it. */
const batchSessions = 3

/** What one search works with. */
interface Work {
  options: CapacityOptions
  objectives: ReadonlyMap<string, Objective>
  targets: Targets
  left: Results<CapacityRun>
  signal: AbortSignal
}

const objectiveFor = ({ objectives }: Work, side: string): Objective => {
  const found = objectives.get(side)
  if (!found) throw new RangeError(`no objective of ${side}`)
  return found
}

/** What each side serves in the closed model, at each number of clients. @throws {CouldNotMeasure} where a side fails requests */
async function closedModel({ options, targets, left, signal }: Work): Promise<Measurement> {
  const { clients, warmup, seed, queryMode, pool } = options
  const settings = {
    clients,
    warmup,
    seed,
    queryMode,
    ...closed,
    sessions: 1,
    ...(pool !== undefined && { pool }),
  }
  const sessions = new Sessions(
    { ...settings, sides: allSides(targets.workload), beside: [], name: 'closed model, ' },
    targets,
    left.below('closed'),
    signal,
  )
  const measurement = await sessions.measure()
  for (const side of allSides(targets.workload))
    for (const count of clients) {
      const { tps = 0, failures = 0, requests = 0 } = figuresOf(measurement, side, count) ?? {}
      if (tps > 0) continue
      const { cause, next } = mostLikely(causesOf(measurement, ({ key }) => key === side))
      throw new CouldNotMeasure(
        `${side} failed ${failures} of ${requests} requests of ${count} clients, so that the search has no rate to begin with${cause ? `; ${cause}` : ''}`,
        next ?? "k6's log, in the folder of results, has what failed",
      )
    }
  return measurement
}

const closedOf = (measurement: Measurement, side: string) =>
  measurement.settings.clients.flatMap((clients) => {
    const figures = figuresOf(measurement, side, clients)
    return figures ? [{ clients, tps: figures.tps }] : []
  })

/** Several keys at once, at the number of clients to which all sides together serve the most single ones. */
async function batchesOf(
  { options, targets, left, signal }: Work,
  inClosed: Measurement,
): Promise<Batches | undefined> {
  const { batch, clients, warmup, seed, queryMode, pool } = options
  if (!batch) return undefined
  const served = (count: number) =>
    allSides(targets.workload).reduce(
      (product, side) => product * (figuresOf(inClosed, side, count)?.tps ?? 0),
      1,
    )
  const busiest = clients.reduce((one, other) => (served(other) > served(one) ? other : one))
  return measureBatches(
    batch,
    {
      ...{ ...closed, clients: [busiest], warmup, seed, queryMode, sessions: batchSessions },
      ...(pool !== undefined && { pool }),
    },
    targets,
    left.below('batches'),
    signal,
  )
}

const inWords = (round: Readonly<Record<string, number>>) =>
  Object.entries(round)
    .map(([side, rate]) => `${side} ${Number(rate.toPrecision(3)).toLocaleString('en')}/s`)
    .join(', ')

/** The search itself: batches of rounds until each side's interval is narrow, or the rounds are used up. */
async function searched(work: Work, rounds: Rounds, sides: SearchSide[]): Promise<Search> {
  const { options, targets } = work
  const names = allSides(targets.workload)
  const search = new Search(sides, {
    seed: options.seed,
    mostRounds: options.rounds,
    halfWidth: options.precision,
  })
  for (let batch = search.next(), number = 1; batch; batch = search.next(), number++) {
    const asked = batch
    const { points } = await show.one(
      `Search, session ${number}: around ${inWords(asked[0] ?? {})}`,
      (progress) => rounds.session(asked, progress),
    )
    search.add(
      points.filter(({ side }) => names.includes(side)),
      asNulls(points, names, nullKey),
    )
  }
  return search
}

interface Confirmed {
  bySide: Record<string, SideConfirmation>
  sessions: CapacityRun['confirmations']
  measurements: Measurement[]
}

/** Fresh sessions at what was found: at an interval's lower end, or at the rate that a side does at least. */
async function confirmed(
  work: Work,
  rounds: Rounds,
  results: Record<string, SideResult>,
): Promise<Confirmed> {
  const sides = Object.entries(results).flatMap(([key, result]) => {
    const objective = objectiveFor(work, key)
    if (result.kind === 'none') return []
    return result.kind === 'capacity'
      ? [{ key, objective, capacity: result.capacity, low: result.low }]
      : [{ key, objective, capacity: result.rate, low: result.rate }]
  })
  const confirmation = new Confirmation(sides)
  const found: Confirmed = { bySide: {}, sessions: [], measurements: [] }
  for (let batch = confirmation.next(), number = 1; batch; batch = confirmation.next(), number++) {
    const asked = batch
    const rates = asked[0] ?? {}
    const { points, measurement } = await show.one(
      `Confirm in fresh sessions, ${number}: ${inWords(rates)}`,
      (progress) => rounds.session(asked, progress, { beside: number === 1 }),
    )
    const before = confirmation.results()
    confirmation.add(points)
    const after = confirmation.results()
    const heldBy = (of: typeof after, side: string) =>
      of[side]?.steps.reduce((sum, { held }) => sum + held, 0) ?? 0
    found.sessions.push({
      rates,
      held: Object.fromEntries(
        Object.keys(rates).map((side) => [side, heldBy(after, side) > heldBy(before, side)]),
      ),
    })
    found.measurements.push(measurement)
  }
  found.bySide = confirmation.results()
  return found
}

/** Of the sessions that confirmed: what they take for granted. One that is broken in any of them is. */
function premisesOfAll(measurements: readonly Measurement[]): Premise[] {
  const all = new Map<string, Premise>()
  for (const measurement of measurements)
    for (const premise of premisesOf(measurement, [])) {
      const known = all.get(premise.name)
      if (!known || (known.holds && !premise.holds)) all.set(premise.name, premise)
    }
  return [...all.values()]
}

const asCapacity = ({ side, found, confirmed, atLeast }: CapacityRun['sides'][number]): Capacity[] => {
  const own = confirmed === undefined ? {} : { confirmed }
  if (found) return [{ side, capacity: found.capacity, low: found.low, high: found.high, ...own }]
  if (!atLeast) return []
  const { rate } = atLeast
  return [{ side, capacity: rate, low: rate, high: rate, atLeast, ...own }]
}

const outcomeOf = (outcomes: readonly Outcome[]): Outcome =>
  outcomes.includes('fail') ? 'fail' : outcomes.includes('undecided') ? 'undecided' : 'pass'

async function resourcesOf(
  { options, targets, signal }: Work,
  rounds: Rounds,
  bySide: Record<string, SideConfirmation>,
): Promise<Resources[]> {
  const all: Resources[] = []
  const most = Math.max(...options.clients)
  for (const [side, { confirmedRate: rate }] of Object.entries(bySide))
    if (rate !== undefined)
      all.push(
        await show.one(`See what ${side} uses at ${inWords({ [side]: rate })}`, (progress) =>
          usedAt(side, rate, most, rounds, targets, signal, progress),
        ),
      )
  return all
}

async function run(work: Work, startedAt: Date, thresholds: Thresholds): Promise<number> {
  const { options, targets, left, signal } = work
  const { workload, asked, stack } = targets
  const names = allSides(workload)
  const last = names.at(-1) as string
  await parityOf(targets, sample(targets.keys, keysOfParity, options.seed))
  const inClosed = await closedModel(work)
  const batches = await batchesOf(work, inClosed)
  const clients = Math.max(...options.clients)
  const { arrivals, block, warmup, seed, queryMode, pool } = options
  const rounds = new Rounds(
    { clients, arrivals, block, warmup, seed, queryMode, ...(pool !== undefined && { pool }) },
    (side) => objectiveFor(work, side),
    targets,
    left,
    signal,
  )
  try {
    const search = await searched(
      work,
      rounds,
      names.map((key) => ({
        key,
        closedTps: Math.max(...closedOf(inClosed, key).map(({ tps }) => tps)),
        objective: objectiveFor(work, key),
      })),
    )
    const searchedBlocks = rounds.measured.flatMap(({ blocks }) => blocks)
    const results = search.results()
    const confirmation = await confirmed(work, rounds, results)
    const resources = await resourcesOf(work, rounds, confirmation.bySide)
    const missed = new Missed(signal)
    const sides = predictingSides(targets)
    const store = stack?.featureStore?.version.split(' ').slice(0, 3).join(' ')
    const facts = await missed.orElse(
      'versions and settings',
      () => factsOf(sides, store ? { 'feature store': store } : {}, asked.signal),
      { versions: {}, targets: Object.fromEntries(sides.map(({ side }) => [side.name, unknown])) },
    )
    const rows = names.map((side) =>
      sideOf({
        side,
        objective: objectiveFor(work, side),
        closed: closedOf(inClosed, side),
        result: results[side] as SideResult,
        confirmation: confirmation.bySide[side],
        blocks: searchedBlocks,
        nullKey: nullKey(side),
      }),
    )
    const ratios = names.slice(0, -1).flatMap((side) => {
      const ratio = search.ratio(side, last)
      return ratio ? [{ side, last, median: ratio.median, low: ratio.low, high: ratio.high }] : []
    })
    const capacities = rows.flatMap(asCapacity)
    const checks = judgeCapacity(
      capacities,
      ratios.map(({ side, ...ratio }) => ({ side, ratio })),
      thresholds,
      names,
    ).map(({ reason, ...check }) => ({ ...check, ...(reason !== undefined && { why: reason }) }))
    const found: CapacityRun = {
      version: 1,
      kind: 'capacity',
      startedAt: startedAt.toISOString(),
      command: options.command,
      machine: machine(),
      ...facts,
      workload: {
        name: workload.name,
        digest: workload.digest,
        keys: targets.keys.length,
        draw: drawInWords(workload.draw),
        answers: answersInWords(workload),
        sides: names,
      },
      settings: {
        ...{ arrivals, clients, block, seed },
        sessions: rounds.measured.length,
        seconds: (Date.now() - startedAt.getTime()) / 1000,
      },
      sides: rows,
      ratios,
      confirmations: confirmation.sessions,
      resources,
      ...(batches && { batches: batches.rows }),
      premises: premisesOfAll([...confirmation.measurements, ...(batches ? [batches.measurement] : [])]),
      thresholds,
      verdict: { checks, outcome: outcomeOf(checks.map(({ outcome }) => outcome)) },
      points: rounds.points.map((point) => ({ ...point, within: [...point.within] })),
    }
    await left.leave(found)
    process.stdout.write(
      options.json ? `${JSON.stringify(found)}\n` : `${capacityReport(found)}\n${left.said()}\n`,
    )
    refuseBroken(found.premises, left.folder)
    return codeOf(found.verdict.outcome)
  } finally {
    await rounds.stop()
  }
}

/** @returns the exit code */
export async function capacity(options: CapacityOptions, signal: AbortSignal): Promise<number> {
  const read = await readTargets(options)
  if (options.batch) checkBatches(read.workload, options.batch)
  const sides = allSides(read.workload)
  const unknownSide = options.objective.find(({ side }) => side !== undefined && !sides.includes(side))
  if (unknownSide)
    throw new BadInput(
      `--objective '${unknownSide.side}: …': the workload has no such side; expected one of ${sides.join(', ')}`,
    )
  const objectives = new Map(sides.map((side) => [side, objectiveOf(side, options.objective)]))
  const file = options.thresholds ?? thresholdsFileOf(read.workload)
  const thresholds = file === undefined ? {} : await readThresholds(file, sides)
  return withResults(
    (left, startedAt) =>
      withTargets(read, signal, (targets) =>
        run({ options, objectives, targets, left, signal }, startedAt, thresholds),
      ),
    formats,
  )
}
