/** `inference-gap compare`: from whatever is there to a verdict. */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { CouldNotMeasure } from '../build/failure.ts'
import { locked } from '../build/lock.ts'
import { results, shown } from '../build/paths.ts'
import { keysFile, readKeys } from '../datasets/prepared.ts'
import { readMeasurement } from '../gap/measurement.ts'
import { premisesOf } from '../gap/premises.ts'
import { readThresholds, type Thresholds } from '../gap/thresholds.ts'
import { judge } from '../gap/verdict.ts'
import type { Run } from '../report/run.ts'
import { terminalReport } from '../report/terminal.ts'
import { machine, targetsInWords, versions } from '../targets/facts.ts'
import { checkParity, type Parity, sample } from '../targets/parity.ts'
import { Stack } from '../targets/stack.ts'
import { codeOf } from './exit-codes.ts'
import { runK6 } from './k6.ts'
import { type ShownStep, show } from './progress.ts'
import { buildSteps, setupSteps } from './setup.ts'

export interface CompareOptions {
  clients: number[]
  pairs: number
  block: number
  warmup: number
  seed: number
  queryMode: 'simple' | 'extended' | 'prepared'
  thresholds: string
  /** Targets that run already; both or none. */
  postgresUrl?: string
  pythonUrl?: string
  keys?: string
  command: string
}

const keysOfParity = 1000

/** @returns the exit code */
export async function compare(options: CompareOptions, signal: AbortSignal): Promise<number> {
  // What the user wrote is looked at before anything else happens.
  const thresholds = await readThresholds(options.thresholds)
  return locked(() => measure(options, thresholds, signal))
}

async function measure(
  options: CompareOptions,
  thresholds: Thresholds,
  signal: AbortSignal,
): Promise<number> {
  const startedAt = new Date()
  const folder = path.join(results, startedAt.toISOString().replace(/[:.]/g, '-'))
  const own = options.postgresUrl === undefined
  const stack = new Stack({ signal })
  try {
    await show(own ? [...setupSteps(signal), ...stack.steps] : buildSteps(signal))
    const postgresUrl = options.postgresUrl ?? (stack.postgres?.url as string)
    const pythonUrl = options.pythonUrl ?? (stack.service?.url as string)
    const keys = options.keys ?? keysFile
    await mkdir(folder, { recursive: true })
    const summary = path.join(folder, 'measurement.json')

    let parity: Parity | undefined
    const steps: ShownStep[] = [
      {
        title: 'Compare the predictions of both targets',
        work: async () => {
          parity = await checkParity(
            postgresUrl,
            pythonUrl,
            sample(await readKeys(keys), keysOfParity, options.seed),
          )
          return `${parity.keys} keys, ${parity.identical} bit-identical`
        },
      },
      {
        title: `Measure at ${options.clients.join(', ')} client${options.clients.join() === '1' ? '' : 's'}`,
        work: async (progress) => {
          const started = Date.now()
          const length = lengthOf(options)
          const clock = setInterval(() => {
            const left = Math.max(0, length - (Date.now() - started) / 1000)
            progress(`${Math.ceil(left)} s left of ${Math.ceil(length)}`)
          }, 1000)
          try {
            await runK6({
              scenario: 'compare',
              folder,
              signal,
              env: {
                POSTGRES_URL: postgresUrl,
                PYTHON_URL: pythonUrl,
                KEYS_FILE: path.resolve(keys),
                THRESHOLDS_FILE: path.resolve(options.thresholds),
                SUMMARY_FILE: summary,
                CLIENTS: options.clients.join(),
                PAIRS: String(options.pairs),
                BLOCK_SECONDS: String(options.block),
                WARMUP_SECONDS: String(options.warmup),
                SEED: String(options.seed),
                QUERY_MODE: options.queryMode,
              },
            })
          } finally {
            clearInterval(clock)
          }
          return undefined
        },
      },
    ]
    await show(steps)

    const measurement = await readMeasurement(summary)
    const verdict = judge(measurement, thresholds, stack.training)
    const run: Run = {
      version: 1,
      startedAt: startedAt.toISOString(),
      command: options.command,
      machine: machine(),
      versions: await versions(postgresUrl, pythonUrl, stack.featureStore?.version),
      targets: await targetsInWords(postgresUrl, pythonUrl),
      parity: parity as Parity,
      ...(stack.training && { training: stack.training }),
      premises: premisesOf(measurement),
      thresholds,
      measurement,
      verdict,
    }
    const file = path.join(folder, 'run.json')
    await writeFile(file, JSON.stringify(run, null, 1))
    process.stdout.write(`${terminalReport(run)}\nEverything measured stands in ${shown(folder)}\n`)
    const broken = run.premises.filter(({ holds }) => !holds)
    if (broken.length > 0)
      throw new CouldNotMeasure(
        `The figures above mean nothing, for a premise is broken:\n${broken.map(({ name, seen }) => `  - ${name}: ${seen}`).join('\n')}`,
        `k6's log is ${shown(path.join(folder, 'k6.log'))}`,
      )
    return codeOf(verdict.outcome)
  } finally {
    await stack.stop()
  }
}

/** Seconds that the scenario takes, its pauses included. */
function lengthOf({ clients, pairs, block, warmup }: CompareOptions): number {
  return clients.length * 2 * (warmup + 0.5 + pairs * (block + 0.5))
}
