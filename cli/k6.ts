/** Runs one bundled scenario in bin/k6, with environment variables as its only input and a summary file as its only output. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { bundle } from '../build/bundles.ts'
import { signalGroup } from '../build/command.ts'
import { CouldNotMeasure } from '../build/failure.ts'
import { k6Binary, shown } from '../build/paths.ts'
import { boundToParent } from '../targets/server.ts'

/** k6's own exit code when a threshold is crossed. */
const thresholdsCrossed = 99

export interface K6Options {
  scenario: string
  env: Record<string, string>
  /** Folder for k6.log. */
  folder: string
  signal: AbortSignal
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
