/** `inference-gap compare`: from whatever is there to a verdict. */
import { BadInput } from '../build/failure.ts'
import type { LoadedWorkload } from '../build/workload.ts'
import type { Thresholds } from '../gap/bounds.ts'
import { clientCosts } from '../gap/cost.ts'
import type { Measurement } from '../gap/measurement.ts'
import { type Premise, premisesOf } from '../gap/premises.ts'
import { judge, type Verdict, withPremises } from '../gap/verdict.ts'
import { formats as distanceFormats } from '../report/distance/formats.ts'
import type { DistanceRun } from '../report/distance/run.ts'
import { formats } from '../report/formats.ts'
import { type Folder, type Results, withResults } from '../report/results.ts'
import type { Offered, Run } from '../report/run.ts'
import { sample } from '../targets/parity.ts'
import { canMeasureServing, type ServingMemory, servingMemory } from '../targets/serving-memory.ts'
import { allSides } from '../workload/resolve.ts'
import { shortened } from '../workload/shortened.ts'
import type { AnyKey } from '../workload/workload.ts'
import { againstItself } from './against-itself.ts'
import { besideOf, keysOfParity, parityOf, partsOf, rowsOf, workloadOf } from './asked.ts'
import { type Batches, busiestOf, checkBatches, measureBatches } from './batches.ts'
import { type DistanceOptions, distances, linksOf, StoreWay } from './distances.ts'
import { leaveRun, readBaseline } from './gate.ts'
import { Missed } from './missed.ts'
import { offeredOf, type Rate, rateOf } from './offered.ts'
import { show } from './progress.ts'
import { type SessionSettings, Sessions } from './sessions.ts'
import {
  type GivenTargets,
  predictingSides,
  readTargets,
  type Targets,
  thresholdsOf,
  withTargets,
} from './targets.ts'

export interface CompareOptions
  extends Omit<SessionSettings, 'sides' | 'beside' | 'rate'>,
    GivenTargets,
    Partial<DistanceOptions> {
  /** The open model; absent: the closed one. */
  rate?: Rate
  /** Only the report, no progress. */
  quiet?: boolean
  /** The run as JSON on standard output, instead of the report. */
  json?: boolean
  /** An earlier run.json to compare with. */
  baseline?: string
  /** How often at most it is measured, the first time included, until every threshold is decided. */
  looks: number
  /** Sizes of questions for several keys at once; absent: single keys alone. */
  batch?: number[]
  /** The expected gaps; absent: the file that the workload names. */
  thresholds?: string
  /** Name of the side that is compared with itself. */
  aa?: string
  /** Runs of that. */
  repeat: number
  command: string
}

/** @throws {BadInput} */
function checkAa(aa: string | undefined, workload: LoadedWorkload): void {
  const names = allSides(workload)
  if (aa !== undefined && !names.includes(aa))
    throw new BadInput(
      `--aa ${shortened(aa)}: the workload has no such side; expected one of ${names.join(', ')}`,
    )
}

/** @returns the exit code */
export async function compare(options: CompareOptions, signal: AbortSignal): Promise<number> {
  // What the user wrote is looked at before anything else happens.
  const store = options.distance && new StoreWay(signal)
  const read = await readTargets({ ...options, ...(store && { storeBy: store.by }) })
  const thresholds = await thresholdsOf(options.thresholds, read.workload)
  const baseline = await readBaseline(options.baseline, {
    sides: allSides(read.workload),
    clients: options.clients,
    load:
      typeof options.rate === 'object'
        ? options.rate
        : options.rate === undefined
          ? {}
          : { rate: options.rate },
  })
  const { aa } = options
  checkAa(aa, read.workload)
  if (options.batch) checkBatches(read.workload, options.batch)
  const links = options.distance ? linksOf(options.links, read) : []
  const onTargets = (work: (targets: Targets) => Promise<number>) =>
    withTargets(read, signal, work, { beside: !options.rate && !aa })
  /** The rate may be a share of what is measured first. */
  const resolvedFor = async (targets: Targets, left: Folder) => {
    const sides = aa ? [aa, aa] : rowsOf(targets, options.queryMode)
    const { rate, ...settings } = { ...options, sides }
    const offered =
      typeof rate === 'object' ? await offeredOf(rate.share, settings, targets, left, signal) : undefined
    const perSecond = offered ? rateOf(offered) : (rate as number | undefined)
    return { offered, resolved: { ...settings, ...(perSecond !== undefined && { rate: perSecond }) } }
  }
  const { distance } = options
  if (distance && store)
    return withResults(
      (left: Results<DistanceRun>, startedAt) =>
        onTargets(async (targets) => {
          const { resolved } = await resolvedFor(targets, left)
          return atDistances({ ...resolved, distance, links }, targets, store, { left, startedAt }, signal)
        }),
      distanceFormats,
    )
  return withResults(
    (left: Results, startedAt) =>
      onTargets(async (targets) => {
        const { offered, resolved } = await resolvedFor(targets, left)
        return aa
          ? againstItself(aa, resolved, targets, left, signal)
          : measure(resolved, { startedAt, left, offered, thresholds, baseline }, targets, signal)
      }),
    aa ? [] : formats,
  )
}

/** The same questions and answers at each distance. */
async function atDistances(
  options: Resolved & DistanceOptions & { links: readonly string[] },
  targets: Targets,
  store: StoreWay,
  left: Parameters<typeof distances>[3],
  signal: AbortSignal,
): Promise<number> {
  await parityOf(targets, sample(targets.keys, keysOfParity, options.seed))
  try {
    return await distances(
      { ...options, beside: options.rate ? [] : besideOf(targets) },
      targets,
      store,
      left,
      signal,
    )
  } finally {
    for (const proxy of store.proxies) await proxy.stop()
  }
}

function between({ pool }: Resolved, { stack }: Targets): { between?: string } {
  const replicas = stack?.replicas.length ?? 0
  if (replicas > 0)
    return {
      between: `${replicas} streaming replica${replicas === 1 ? '' : 's'} of the database, asked in its place`,
    }
  return pool ? { between: `one pool of ${pool} connections, shared by all clients inside k6` } : {}
}

/** After the load, when the targets have had what they need; undefined where they are not ours to look into. */
async function servingOf(
  targets: Targets,
  { settings: { clients } }: Measurement,
  keys: AnyKey[],
): Promise<ServingMemory[] | undefined> {
  const { stack, asked } = targets
  if (!stack || !canMeasureServing) return undefined
  return show.one('Measure the memory of serving', async () => {
    const found: ServingMemory[] = []
    for (const count of clients)
      found.push(await servingMemory(predictingSides(targets), stack.parts(), keys, count, asked))
    return found
  })
}

/** What is known before anything is measured. */
interface Beginning {
  startedAt: Date
  left: Results
  thresholds: Thresholds
  baseline: Run | undefined
  offered: Offered | undefined
}

/** Options whose rate is so many requests a second. */
type Resolved = Omit<CompareOptions, 'rate'> & SessionSettings

/** At the number of clients that are served the most single keys. */
async function batchesOf(
  { batch, sessions, pairs, block, warmup, seed, queryMode, pool }: Resolved,
  measurement: Measurement,
  targets: Targets,
  left: Results,
  signal: AbortSignal,
): Promise<Batches | undefined> {
  if (!batch) return undefined
  const clients = [busiestOf(targets, measurement)]
  return measureBatches(
    batch,
    { sessions, pairs, block, warmup, seed, queryMode, clients, ...(pool !== undefined && { pool }) },
    targets,
    left.below('batches'),
    signal,
  )
}

/** What the figures of batches take for granted, where that is not so. */
const brokenOf = (batches: Batches | undefined): Premise[] =>
  batches
    ? premisesOf(batches.measurement)
        .filter(({ holds }) => !holds)
        .map((premise) => ({ ...premise, name: `several keys, ${premise.name}` }))
    : []

async function measure(
  options: Resolved,
  { startedAt, left, thresholds, baseline, offered }: Beginning,
  targets: Targets,
  signal: AbortSignal,
): Promise<number> {
  const parityKeys = sample(targets.keys, keysOfParity, options.seed)
  const parity = await parityOf(targets, parityKeys)

  const sessions = new Sessions(
    {
      ...options,
      // At a given rate the client's own cost is no share of the rate.
      beside: options.rate ? [] : besideOf(targets),
    },
    targets,
    left,
    signal,
  )
  try {
    let measurement: Measurement
    let verdict: Verdict
    let look = 0
    do {
      measurement = await sessions.measure()
      verdict = judge(measurement, thresholds, targets.stack?.training, options.looks)
      look++
      // Another look narrows intervals; it brings no bound that is about something else.
    } while (verdict.outcome === 'undecided' && verdict.checks.length > 0 && look < options.looks)
    const costs = clientCosts(measurement)
    const { stack, workload } = targets
    const missed = new Missed(signal)
    const serving = await missed.orElse(
      'memory of serving',
      () => servingOf(targets, measurement, parityKeys),
      undefined,
    )
    const parts = await partsOf(targets, missed)
    const batches = await batchesOf(options, measurement, targets, left, signal)
    const premises = [...premisesOf(measurement, costs, thresholds), ...brokenOf(batches)]
    const run: Run = {
      version: 3,
      startedAt: startedAt.toISOString(),
      command: options.command,
      workload: workloadOf(targets),
      ...parts,
      ...(workload.published && { published: workload.published }),
      ...(parity && { parity }),
      ...missed.told(),
      ...between(options, targets),
      ...(offered && { offered }),
      ...(stack?.training && { training: stack.training }),
      ...(serving && { serving }),
      ...(batches && { batches: batches.rows }),
      looks: options.looks,
      premises,
      costs,
      thresholds,
      measurement,
      verdict: withPremises(verdict, premises),
    }
    return await leaveRun(run, left, { baseline, json: options.json, named: options.thresholds })
  } finally {
    await sessions.stop()
  }
}
