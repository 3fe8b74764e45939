/** `inference-gap capacity`: the highest arrival rate at which each side holds its objective, and what that means for hosts. */
import type { Thresholds } from '../gap/bounds.ts'
import { objectivesOf, permittedBy } from '../gap/capacity/objective.ts'
import { withoutClient } from '../gap/capacity/own-lateness.ts'
import { planOf, type Wanted } from '../gap/capacity/plan.ts'
import type { SideResult } from '../gap/capacity/search.ts'
import { type Turns, turnsOf } from '../gap/capacity/turns.ts'
import { figuresOf } from '../gap/figures.ts'
import type { Measurement } from '../gap/measurement.ts'
import { readThresholds } from '../gap/thresholds.ts'
import { capacitiesOf } from '../report/capacity/data.ts'
import { formats } from '../report/capacity/formats.ts'
import { sideOf } from '../report/capacity/rows.ts'
import type { CapacityRun } from '../report/capacity/run.ts'
import { capacityReport } from '../report/capacity/terminal.ts'
import { verdictOf } from '../report/capacity/verdict.ts'
import { type Results, withResults } from '../report/results.ts'
import { sample } from '../targets/parity.ts'
import { allSides, nullName } from '../workload/resolve.ts'
import { keysOfParity, parityOf, partsOf, workloadOf } from './asked.ts'
import { type Batches, busiestOf, checkBatches, measureBatches } from './batches.ts'
import { lawsOf } from './capacity/laws.ts'
import { Rounds } from './capacity/rounds.ts'
import {
  askingOf,
  type CapacityOptions,
  closed,
  closedModel,
  closedOf,
  confirmed,
  objectiveFor,
  resourcesOf,
  searched,
  type Work,
  wantedOf,
} from './capacity/steps.ts'
import { TimeLeft } from './capacity/time-left.ts'
import { codeOf } from './exit-codes.ts'
import { Missed } from './missed.ts'
import { codeOfJudged } from './nothing-judged.ts'
import { premisesOfAll, refuseBroken } from './premises.ts'
import { readTargets, thresholdsFileOf, withTargets } from './targets.ts'

/** What is known before anything is measured. */
interface Beginning {
  startedAt: Date
  /** Milliseconds, by the clock that nobody sets. */
  beganMs: number
  thresholds: Thresholds
  wanted: Wanted | undefined
}

/** Sizes are compared with each other as sides are: what a start decides must not pass for it. */
const batchSessions = 3

/** Several keys at once, at the number of clients to which all sides together serve the most single ones. */
async function batchesOf(
  { options, targets, left, signal }: Work,
  inClosed: Measurement,
): Promise<Batches | undefined> {
  const { batch } = options
  if (!batch) return undefined
  const clients = [busiestOf(targets, inClosed)]
  return measureBatches(
    batch,
    { ...closed, ...askingOf(options), clients, sessions: batchSessions },
    targets,
    left.below('batches'),
    signal,
  )
}

async function run(
  work: Work,
  left: Results<CapacityRun>,
  { startedAt, beganMs, thresholds, wanted }: Beginning,
): Promise<number> {
  const { options, targets, signal } = work
  const names = allSides(targets.workload)
  const last = names.at(-1) as string
  await parityOf(targets, sample(targets.keys, keysOfParity, options.seed))
  const inClosed = await closedModel(work)
  const clients = Math.max(...options.clients)
  const { arrivals, seed } = options
  const { turns } = work
  const rounds = new Rounds(
    { ...askingOf(options), clients, arrivals, turns },
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
        // Of as many clients as the open model has: with fewer a database may serve more.
        closedTps: figuresOf(inClosed, key, clients)?.tps ?? 0,
        objective: objectiveFor(work, key),
      })),
    )
    const confirmation = await confirmed(work, rounds, search)
    // Without those that are still to come, which only look at what is used.
    const sessions = [...rounds.measured]
    const blocks = sessions.flatMap(({ blocks }) => blocks)
    const results = search.results()
    /** What was found of a side; an interval holds what the client was late. */
    const foundOf = (side: string): SideResult => {
      const found = results[side] as SideResult
      return found.kind === 'capacity'
        ? withoutClient(found, sessions, {
            ...{ side, nullKey: nullName(side), objective: objectiveFor(work, side), seed },
          })
        : found
    }
    const resources = await resourcesOf(work, rounds, confirmation.bySide)
    const missed = new Missed(signal)
    const parts = await partsOf(targets, missed)
    const rows = names.map((side) =>
      sideOf({
        side,
        objective: objectiveFor(work, side),
        closed: closedOf(inClosed, side),
        result: foundOf(side),
        confirmation: confirmation.bySide[side],
        blocks,
        nullKey: nullName(side),
      }),
    )
    const ratios = names.slice(0, -1).flatMap((side) => {
      const ratio = search.ratio(side, last)
      return ratio ? [{ side, last, median: ratio.median, low: ratio.low, high: ratio.high }] : []
    })
    const batches = await batchesOf(work, inClosed)
    const workload = { ...workloadOf(targets), sides: names }
    const permitted = permittedBy(work.objectives)
    const premises = premisesOfAll(
      [...confirmation.measurements, ...(batches ? [batches.measurement] : [])],
      names.map(nullName),
      permitted,
    )
    const found: CapacityRun = {
      version: 1,
      kind: 'capacity',
      startedAt: startedAt.toISOString(),
      command: options.command,
      ...parts,
      ...missed.told(),
      workload,
      settings: {
        ...{ arrivals, clients, ...turns, seed },
        sessions: rounds.measured.length,
        seconds: (performance.now() - beganMs) / 1000,
      },
      sides: rows,
      ratios,
      confirmations: confirmation.sessions,
      resources,
      premises,
      scaling: lawsOf(inClosed, names, { seed, permitted }),
      ...(batches && { batches: batches.rows }),
      ...(wanted && {
        plan: {
          ...planOf(capacitiesOf({ sides: rows }), wanted),
          ...(wanted.fleet && { fleet: wanted.fleet }),
        },
      }),
      thresholds,
      verdict: verdictOf({ sides: rows, ratios, workload, premises }, thresholds),
      points: rounds.points.map((point) => ({ ...point, within: [...point.within] })),
    }
    await left.leave(found)
    process.stdout.write(
      options.json ? `${JSON.stringify(found)}\n` : `${capacityReport(found)}\n${left.said()}\n`,
    )
    refuseBroken(found.premises, left.folder)
    return codeOfJudged({
      judged: found.verdict.checks.length,
      code: codeOf(found.verdict.outcome),
      thresholds,
      named: options.thresholds,
      of: 'this search',
    })
  } finally {
    await rounds.stop()
  }
}

/** Minutes: of one side, and of each more. */
const usualTime = { first: 10, further: 5 }

const timeOf = ({ timeLimit }: CapacityOptions, { block }: Turns, sides: number) =>
  new TimeLeft(60 * (timeLimit ?? usualTime.first + (sides - 1) * usualTime.further), sides * block)

/** @returns the exit code */
export async function capacity(options: CapacityOptions, signal: AbortSignal): Promise<number> {
  const read = await readTargets(options)
  const sides = allSides(read.workload)
  if (options.batch) checkBatches(read.workload, options.batch)
  const objectives = objectivesOf(sides, options.objective)
  const turns = turnsOf([...objectives.values()], options.block)
  const file = options.thresholds ?? thresholdsFileOf(read.workload)
  const thresholds = file === undefined ? {} : await readThresholds(file, sides)
  const wanted = await wantedOf(options, sides)
  const beganMs = performance.now()
  return withResults(
    (left, startedAt) =>
      withTargets(read, signal, (targets) =>
        run(
          { options, objectives, turns, targets, left, signal, time: timeOf(options, turns, sides.length) },
          left,
          { startedAt, beganMs, thresholds, wanted },
        ),
      ),
    formats,
  )
}
