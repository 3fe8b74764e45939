/** Runs one bundled scenario in bin/k6, with environment variables as its only input and a summary file as its only output. */
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { bundle } from '../build/bundles.ts'
import { signalGroup } from '../build/command.ts'
import { CouldNotMeasure } from '../build/failure.ts'
import { k6Binary, shown } from '../build/paths.ts'
import { type Measurement, readMeasurement } from '../gap/measurement.ts'
import { boundToParent } from '../targets/server.ts'
import type { Targets } from './targets.ts'

/** k6's own exit code when a threshold is crossed. */
const thresholdsCrossed = 99

export interface K6Options {
  scenario: string
  env: Record<string, string>
  /** Folder for k6.log. */
  folder: string
  signal: AbortSignal
}

export interface BlockSettings {
  /** The target of each side. */
  sides: ('postgres' | 'python')[]
  clients: number[]
  pairs: number
  /** Seconds. */
  block: number
  /** Seconds. */
  warmup: number
  seed: number
  queryMode: 'simple' | 'extended' | 'prepared'
  thresholds: string
}

/** Runs the comparison scenario and reads what it measured; the summary stays in the folder. */
export async function measureBlocks(
  settings: BlockSettings,
  { postgresUrl, pythonUrl, keysFile }: Pick<Targets, 'postgresUrl' | 'pythonUrl' | 'keysFile'>,
  folder: string,
  signal: AbortSignal,
): Promise<Measurement> {
  const summary = path.join(folder, 'measurement.json')
  await rm(summary, { force: true })
  await runK6({
    scenario: 'compare',
    folder,
    signal,
    env: {
      POSTGRES_URL: postgresUrl,
      PYTHON_URL: pythonUrl,
      KEYS_FILE: path.resolve(keysFile),
      THRESHOLDS_FILE: path.resolve(settings.thresholds),
      SUMMARY_FILE: summary,
      SIDES: settings.sides.join(),
      CLIENTS: settings.clients.join(),
      PAIRS: String(settings.pairs),
      BLOCK_SECONDS: String(settings.block),
      WARMUP_SECONDS: String(settings.warmup),
      SEED: String(settings.seed),
      QUERY_MODE: settings.queryMode,
    },
  })
  return readMeasurement(summary)
}

/** @throws {CouldNotMeasure} with the end of k6's log when the scenario did not run to its end */
export async function runK6({ scenario, env, folder, signal }: K6Options): Promise<void> {
  signal.throwIfAborted()
  const [file = '', ...args] = boundToParent(
    // No REST API: its port is no one's business, and two runs would fight over it.
    [k6Binary, 'run', '--quiet', '--no-color', '--address', '', bundle(scenario)],
    'SIGTERM',
  )
  const child = execa(file, args, {
    env: { ...env, K6_NO_USAGE_REPORT: 'true', K6_AUTO_EXTENSION_RESOLUTION: 'false' },
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
  const log = path.join(folder, 'k6.log')
  await writeFile(log, String(done.all ?? ''))
  signal.throwIfAborted()
  if (done.exitCode === 0 || done.exitCode === thresholdsCrossed) return
  const tail = String(done.all ?? '')
    .trim()
    .split('\n')
    .slice(-15)
    .join('\n')
  throw new CouldNotMeasure(
    `k6 ${done.signal ? `was ended by ${done.signal}` : `ended with exit code ${done.exitCode}`}:\n${tail || String(done.shortMessage ?? '')}`,
    `Its whole log is ${shown(log)}`,
  )
}
