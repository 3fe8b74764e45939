/** Runs one bundled scenario in bin/k6, with environment variables as its only input. It writes no file: what it has to tell comes through pipes. */
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { bundle } from '../build/bundles.ts'
import { endOf, ran } from '../build/command.ts'
import { CouldNotMeasure, messageOf } from '../build/failure.ts'
import { inCache, k6Binary, shown } from '../build/paths.ts'
import { writeWhole } from '../build/place.ts'
import { type Measurement, type Progress, parseMeasurement, parseProgress } from '../gap/measurement.ts'
import type { Folder } from '../report/results.ts'
import type { Address } from '../targets/asker.ts'
import { boundToParent } from '../targets/server.ts'
import type { QueryMode } from '../workload/workload.ts'
import { limitOf } from './length.ts'
import { othersOf, type Targets, wholeAddresses } from './targets.ts'

export interface K6Options {
  /** By name. */
  scenario: string
  targets: Targets
  /** By the variables that hold them. */
  addresses: readonly { address: string; to: Address }[]
  /** Besides these and those of the workload. */
  env: Record<string, string>
  /** Where k6.log stays. */
  left: Folder
  /** Seconds after which it is ended: something keeps it that it has not noticed. */
  limit: number
  signal: AbortSignal
  /** Take the lines that it writes to /dev/fd/3, 4, … */
  onDescriptors?: ((line: string) => void)[]
}

export interface BlockSettings {
  /** As the scenario names them: `database`, `database:extended`, `service@OTHER_URL`, … */
  sides: string[]
  /** Asked a little in each pair: null operations, parts of the way, other ways to the answer. */
  beside?: string[]
  clients: number[]
  /** In one session. */
  pairs: number
  /** Seconds. */
  block: number
  /** At most so many seconds. */
  warmup: number
  seed: number
  /** Of queries whose side says nothing. */
  queryMode: QueryMode
  /** Requests a second in the open model; absent: the closed one. */
  rate?: number
  /** In its place: of each side by its key, pair by pair; a side that is not named rests. */
  rates?: readonly Readonly<Record<string, number>>[]
  /** Of the open model; absent: even distances, turns of a second, and all that is due counts. */
  open?: { arrivals: 'even' | 'poisson'; turnSeconds: number; lead: number }
  /** Connections to a database that all clients share; absent: each has one of its own. */
  pool?: number
}

/** Runs the comparison scenario and reads what it measured; the summary stays in the folder. */
export async function measureBlocks(
  settings: BlockSettings,
  targets: Targets,
  left: Folder,
  signal: AbortSignal,
  progress: (told: Progress) => void = () => {},
  /** Of null operations, of further services. */
  further: readonly { address: string; to: Address }[] = [],
): Promise<Measurement> {
  let summary = ''
  const pairs: Progress[] = []
  const addresses = [...addressesOf(targets), ...further]
  const run = runK6({
    ...{ scenario: 'compare', targets, addresses, left },
    limit: limitOf(settings),
    signal,
    onDescriptors: [
      (line) => {
        summary = line
      },
      (line) => {
        const told = parseProgress(line)
        if (!told) return
        pairs.push(told)
        progress(told)
      },
    ],
    env: {
      KEYS_FILE: path.resolve(targets.keysFile),
      SUMMARY_FILE: '/dev/fd/3',
      PROGRESS_FILE: '/dev/fd/4',
      SIDES: settings.sides.join(),
      BESIDE: (settings.beside ?? []).join(),
      CLIENTS: settings.clients.join(),
      RATE: String(settings.rate ?? 0),
      ...(settings.rates && { RATES: JSON.stringify(settings.rates) }),
      ...(settings.open && {
        ARRIVALS: settings.open.arrivals,
        TURN_SECONDS: String(settings.open.turnSeconds),
        OPEN_LEAD: String(settings.open.lead),
      }),
      MAX_CLIENTS: String(Math.max(...settings.clients)),
      PAIRS: String(settings.pairs),
      BLOCK_SECONDS: String(settings.block),
      WARMUP_SECONDS: String(settings.warmup),
      SEED: String(settings.seed),
      QUERY_MODE: settings.queryMode,
      POOL: String(settings.pool ?? 0),
    },
  })
  await run.catch(async (error) => {
    throw await unfinished(error, summary, pairs, left)
  })
  await left.keep('measurement.json', summary)
  return parseMeasurement(summary)
}

/** Undefined where k6 ended before it had written all of it, or anything. */
function wholeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * What a run that did not come to its end has measured is kept, and says that it is a part.
 * @param summary empty where k6 could not write it any more
 * @param pairs that had been measured whole
 * @returns what is to be thrown
 */
async function unfinished(
  error: unknown,
  summary: string,
  pairs: Progress[],
  left: Folder,
): Promise<unknown> {
  await left.keepJson('partial.json', {
    partial: true,
    why: messageOf(error),
    pairs,
    measurement: wholeJson(summary),
  })
  if (!(error instanceof CouldNotMeasure)) return error
  const kept = `What was measured until then is in ${shown(path.join(left.folder, 'partial.json'))}`
  return new CouldNotMeasure(error.message, [error.hint, kept].filter(Boolean).join('\n  → '), {
    cause: error,
  })
}

/** Those of all sides that have one. */
export const addressesOf = (targets: Targets) =>
  [...targets.workload.sides, ...othersOf(targets)].map((side) => ({
    address: side.address,
    to: targets.loadAddressOf(side),
  }))

/**
 * Any k6 that we run, as a command: it tells nobody, looks for no other binary, makes no samples that nobody wants, and takes
 * nothing from the user's own configuration of k6, where `linger` or `paused` would keep it for ever.
 * @param flags of `k6 run`
 */
export async function k6Command(flags: string[], script: string, binary = k6Binary) {
  const configuration = inCache('k6', 'config.json')
  // Not anew for each session: a disk may have become full.
  if (!existsSync(configuration)) {
    await mkdir(path.dirname(configuration), { recursive: true })
    await writeWhole(configuration, '{}\n')
  }
  return {
    command: [
      ...[binary, 'run', '--quiet', '--no-color', '--config', configuration],
      // No REST API unless it is asked for: its port is no one's business, and two runs would fight over it.
      ...['--address', '', ...flags, script],
    ],
    env: {
      // Only for what the user has asked k6 for by its own variables.
      SAMPLES: process.env.K6_OUT || process.env.K6_WEB_DASHBOARD === 'true' ? 'on' : 'off',
      K6_NO_USAGE_REPORT: 'true',
      K6_AUTO_EXTENSION_RESOLUTION: 'false',
    },
    passed: ['outputs'] as const,
  }
}

/** The bundle of a scenario for these targets. */
export const scenarioOf = ({ scenarios }: Targets, name: string) =>
  scenarios === '' ? bundle(name) : path.join(scenarios, `${name}.js`)

/** @throws {CouldNotMeasure} with the end of k6's log when the scenario did not run to its end */
export async function runK6({
  scenario,
  targets,
  addresses,
  env,
  left,
  limit,
  signal,
  onDescriptors = [],
}: K6Options): Promise<void> {
  // k6 would keep every sample until the end for summary and thresholds; the scenario leaves its own, and we judge it.
  const k6 = await k6Command(['--summary-mode=disabled', '--no-thresholds'], scenarioOf(targets, scenario))
  const [file = '', ...args] = boundToParent(k6.command, 'SIGTERM')
  const { code, how, all } = await ran(
    file,
    args,
    {
      env: { ...targets.variables, ...wholeAddresses(addresses), ...env, ...k6.env },
      passed: k6.passed,
      limit,
      signal,
      onDescriptors,
    },
    'SIGINT',
  )
  await left.keep('k6.log', all)
  if (code === 0) return
  throw new CouldNotMeasure(
    `k6 ${how ?? `ended with exit code ${code}`}:\n${endOf(all, 15)}`,
    `Its whole log is ${shown(path.join(left.folder, 'k6.log'))}; ${addresses.map(({ address, to }) => `${address} is ${to}`).join(', ')}`,
  )
}
