/** Runs one bundled scenario in bin/k6, with environment variables as its only input and a summary file as its only output. */
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { bundle } from '../build/bundles.ts'
import { signalGroup } from '../build/command.ts'
import { CouldNotMeasure } from '../build/failure.ts'
import { k6Binary, shown } from '../build/paths.ts'
import { type Measurement, readMeasurement } from '../gap/measurement.ts'
import type { Results } from '../report/results.ts'
import { boundToParent } from '../targets/server.ts'
import type { Addresses } from './targets.ts'

export interface K6Options {
  scenario: string
  env: Record<string, string>
  /** Where k6.log stays. */
  left: Results
  signal: AbortSignal
}

export interface BlockSettings {
  /** As the scenario names them: `postgres`, `postgres:extended`, `python`, … */
  sides: string[]
  /** Asked a little in each pair: null operations, and other ways of predicting. */
  beside?: string[]
  clients: number[]
  /** In one session. */
  pairs: number
  /** Seconds. */
  block: number
  /** At most so many seconds. */
  warmup: number
  seed: number
  queryMode: 'simple' | 'extended' | 'prepared'
  serializer?: 'json' | 'orjson' | 'msgpack'
  /** Requests a second in the open model; absent: the closed one. */
  rate?: number
  /** Connections to Postgres that all clients share; absent: each has one of its own. */
  pool?: number
  thresholds: string
}

/** Where the scenario finds what it asks. */
export interface ScenarioAddresses extends Addresses {
  /** Of the null server, where null operations are asked. */
  nullPostgresUrl?: string
  nullPythonUrl?: string
  /** Further services, sides `python:1`, `python:2`, … */
  services?: string[]
}

/** Where the scenario tells how far it is. */
export const progressFile = ({ folder }: Results) => path.join(folder, 'progress.json')

/** Runs the comparison scenario and reads what it measured; the summary stays in the folder. */
export async function measureBlocks(
  settings: BlockSettings,
  addresses: ScenarioAddresses,
  left: Results,
  signal: AbortSignal,
): Promise<Measurement> {
  const summary = path.join(left.folder, 'measurement.json')
  await mkdir(left.folder, { recursive: true })
  await rm(summary, { force: true })
  await rm(progressFile(left), { force: true })
  await runK6({
    scenario: 'compare',
    left,
    signal,
    env: {
      POSTGRES_URL: addresses.pgbouncerUrl ?? addresses.postgresUrl,
      PYTHON_URL: addresses.pythonUrl,
      NULL_POSTGRES_URL: addresses.nullPostgresUrl ?? '',
      NULL_PYTHON_URL: addresses.nullPythonUrl ?? '',
      ...Object.fromEntries((addresses.services ?? []).map((url, index) => [`PYTHON_URL_${index + 1}`, url])),
      KEYS_FILE: path.resolve(addresses.keysFile),
      THRESHOLDS_FILE: path.resolve(settings.thresholds),
      SUMMARY_FILE: summary,
      PROGRESS_FILE: progressFile(left),
      SIDES: settings.sides.join(),
      BESIDE: (settings.beside ?? []).join(),
      CLIENTS: settings.clients.join(),
      RATE: String(settings.rate ?? 0),
      MAX_CLIENTS: String(Math.max(...settings.clients)),
      PAIRS: String(settings.pairs),
      BLOCK_SECONDS: String(settings.block),
      WARMUP_SECONDS: String(settings.warmup),
      SEED: String(settings.seed),
      QUERY_MODE: settings.queryMode,
      POOL: String(settings.pool ?? 0),
      SERIALIZER: settings.serializer ?? 'json',
    },
  })
  return readMeasurement(summary)
}

/** Variables of each k6 that we run: it tells nobody, looks for no other binary, and makes no samples that nobody wants. */
export const ourK6 = () => ({
  // Only for an output that the user has asked k6 for by its own variable.
  SAMPLES: process.env.K6_OUT ? 'on' : 'off',
  K6_NO_USAGE_REPORT: 'true',
  K6_AUTO_EXTENSION_RESOLUTION: 'false',
})

/** @throws {CouldNotMeasure} with the end of k6's log when the scenario did not run to its end */
export async function runK6({ scenario, env, left, signal }: K6Options): Promise<void> {
  signal.throwIfAborted()
  const [file = '', ...args] = boundToParent(
    // No REST API: its port is no one's business, and two runs would fight over it.
    [
      ...[k6Binary, 'run', '--quiet', '--no-color', '--address', ''],
      // k6 would keep every sample until the end for them; the scenario leaves its own summary, and we judge it.
      ...['--no-summary', '--no-thresholds', bundle(scenario)],
    ],
    'SIGTERM',
  )
  const child = execa(file, args, {
    env: { ...env, ...ourK6() },
    stdin: 'ignore',
    all: true,
    reject: false,
    detached: true,
  })
  const end = () => {
    if (child.pid) signalGroup(child.pid, 'SIGINT')
    setTimeout(() => child.pid && signalGroup(child.pid, 'SIGKILL'), 10_000).unref()
  }
  signal.addEventListener('abort', end)
  const done = await child
  signal.removeEventListener('abort', end)
  await left.keep('k6.log', String(done.all ?? ''))
  signal.throwIfAborted()
  if (done.exitCode === 0) return
  const tail = String(done.all ?? '')
    .trim()
    .split('\n')
    .slice(-15)
    .join('\n')
  throw new CouldNotMeasure(
    `k6 ${done.signal ? `was ended by ${done.signal}` : `ended with exit code ${done.exitCode}`}:\n${tail || String(done.shortMessage ?? '')}`,
    `Its whole log is ${shown(path.join(left.folder, 'k6.log'))}`,
  )
}
