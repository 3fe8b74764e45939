/** `inference-gap compare`: from whatever is there to a verdict. */
import type { Key } from '../datasets/flights.ts'
import { clientCosts } from '../gap/cost.ts'
import type { Measurement } from '../gap/measurement.ts'
import { premisesOf } from '../gap/premises.ts'
import { readThresholds, type Thresholds } from '../gap/thresholds.ts'
import { judge, type Verdict } from '../gap/verdict.ts'
import { baselineReport } from '../report/baseline.ts'
import { formats } from '../report/formats.ts'
import { type Results, withResults } from '../report/results.ts'
import type { Offered, Run } from '../report/run.ts'
import { terminalReport } from '../report/terminal.ts'
import { machine, targetsInWords, versions } from '../targets/facts.ts'
import { bodiesOf, checkParity, sample } from '../targets/parity.ts'
import { poolSize } from '../targets/postgres/pgbouncer.ts'
import { canMeasureServing, type ServingMemory, servingMemory } from '../targets/serving.ts'
import { againstItself } from './against-itself.ts'
import { against, codeWithBaseline, readBaseline } from './gate.ts'
import { Missed } from './missed.ts'
import { offeredOf, type Rate, rateOf } from './offered.ts'
import { refuseBroken } from './premises.ts'
import { show } from './progress.ts'
import { type SessionSettings, Sessions } from './sessions.ts'
import { type GivenTargets, type Targets, withTargets } from './targets.ts'

export interface CompareOptions
  extends Omit<SessionSettings, 'sides' | 'beside' | 'serializer' | 'rate'>,
    GivenTargets {
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
  /** One target on both sides, instead of one on each. */
  aa?: 'postgres' | 'python'
  /** Runs of that. */
  repeat: number
  command: string
}

const keysOfParity = 1000
const unknown = 'could not be asked after the load'

/** @returns the exit code */
export async function compare(options: CompareOptions, signal: AbortSignal): Promise<number> {
  // What the user wrote is looked at before anything else happens.
  const thresholds = await readThresholds(options.thresholds)
  const baseline = await readBaseline(options.baseline)
  const { aa } = options
  const work = (left: Results, startedAt: Date) =>
    withTargets(options, signal, async (targets) => {
      const sides = aa ? [aa, aa] : ['postgres', 'python']
      const queryMode = modeThrough(options, targets)
      const { rate, ...settings } = { ...options, queryMode, sides }
      const offered =
        typeof rate === 'object' ? await offeredOf(rate.share, settings, targets, left, signal) : undefined
      const perSecond = offered ? rateOf(offered) : (rate as number | undefined)
      const resolved = { ...settings, ...(perSecond !== undefined && { rate: perSecond }) }
      return aa
        ? againstItself(aa, resolved, targets, left, signal)
        : measure(resolved, { startedAt, left, offered, thresholds, baseline }, targets, signal)
    })
  return withResults(work, aa ? [] : formats)
}

/** Through a PgBouncer that does not follow prepared statements the query is sent in extended mode, and that is said. */
function modeThrough({ queryMode }: CompareOptions, { stack }: Targets): CompareOptions['queryMode'] {
  return queryMode === 'prepared' && stack.pgbouncer?.followsPreparedStatements === false
    ? 'extended'
    : queryMode
}

/**
 * What only the embedded targets answer: the service after parts of the way to a prediction, and the extension's second
 * way to predict; PgBouncer takes no setting of the latter from a connection.
 */
const ofOurOwn = ({ restart, stack }: Targets) =>
  restart ? ['python:framework', 'python:store', ...(stack.pgbouncer ? [] : ['postgres:fast'])] : []

function between({ pool }: Resolved, { stack: { pgbouncer } }: Targets): { between?: string } {
  if (pgbouncer)
    return {
      between: `PgBouncer ${pgbouncer.version} in transaction mode with a pool of ${poolSize}, which ${
        pgbouncer.followsPreparedStatements
          ? 'follows prepared statements'
          : 'does not follow prepared statements: query mode extended is used instead'
      }`,
    }
  return pool ? { between: `one pool of ${pool} connections, shared by all clients inside k6` } : {}
}

/** After the load, when the targets have had what they need; undefined where they are not ours to look into. */
async function servingOf(
  { addresses, restart, stack }: Targets,
  { settings: { clients } }: Measurement,
  { serializer }: Resolved,
  keys: Key[],
  signal: AbortSignal,
): Promise<ServingMemory[] | undefined> {
  const processes = stack.processes()
  if (!restart || !canMeasureServing || !processes) return undefined
  return show.one('Measure the memory of serving', async () => {
    const found: ServingMemory[] = []
    for (const count of clients)
      found.push(
        await servingMemory(processes, addresses(), bodiesOf(serializer ?? 'json'), keys, count, signal),
      )
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

async function measure(
  options: Resolved,
  { startedAt, left, thresholds, baseline, offered }: Beginning,
  targets: Targets,
  signal: AbortSignal,
): Promise<number> {
  const parityKeys = sample(await targets.keys(), keysOfParity, options.seed)
  const parity = await show.one('Compare the predictions of both targets', async (tell) => {
    const { postgresUrl, pythonUrl } = targets.addresses()
    const found = await checkParity(postgresUrl, pythonUrl, parityKeys, options.serializer, signal)
    tell(`${found.keys} keys, ${found.identical} bit-identical`)
    return found
  })

  const sessions = new Sessions(
    {
      ...options,
      // At a given rate the client's own cost is no share of the rate.
      beside: options.rate ? [] : ['postgres:null', 'postgres:constant', 'python:null', ...ofOurOwn(targets)],
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
      verdict = judge(measurement, thresholds, targets.stack.training, options.looks)
      look++
    } while (verdict.outcome === 'undecided' && look < options.looks)
    const costs = clientCosts(measurement)
    const missed = new Missed(signal)
    const serving = await missed.orElse(
      'memory of serving',
      () => servingOf(targets, measurement, options, parityKeys, signal),
      undefined,
    )
    const { postgresUrl, pythonUrl } = targets.addresses()
    const store = targets.stack.featureStore?.version
    const run: Run = {
      version: 2,
      startedAt: startedAt.toISOString(),
      command: options.command,
      machine: machine(),
      versions: await missed.orElse('versions', () => versions(postgresUrl, pythonUrl, store, signal), {}),
      targets: await missed.orElse('settings', () => targetsInWords(postgresUrl, pythonUrl, signal), {
        postgres: unknown,
        python: unknown,
      }),
      ...missed.told(),
      parity,
      ...between(options, targets),
      ...(offered && { offered }),
      ...(targets.stack.training && { training: targets.stack.training }),
      ...(serving && { serving }),
      looks: options.looks,
      premises: premisesOf(measurement, costs),
      costs,
      thresholds,
      measurement,
      verdict,
    }
    const { compared, moved } = against(baseline, run)
    await left.leave({ run, compared, moved })
    if (options.json) process.stdout.write(`${JSON.stringify(run)}\n`)
    else {
      if (compared.length > 0) process.stdout.write(`${baselineReport(compared, moved)}\n`)
      process.stdout.write(`${terminalReport(run)}\n${left.said()}\n`)
    }
    refuseBroken(run.premises, left.folder)
    return codeWithBaseline(run, compared)
  } finally {
    await sessions.stop()
  }
}
