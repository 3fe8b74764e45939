/** `inference-gap compare`: from whatever is there to a verdict. */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { CouldNotMeasure } from '../build/failure.ts'
import { results, shown } from '../build/paths.ts'
import { readKeys } from '../datasets/prepared.ts'
import { aaRows } from '../gap/aa.ts'
import type { Measurement } from '../gap/measurement.ts'
import { merged } from '../gap/merge.ts'
import { premisesOf } from '../gap/premises.ts'
import { readThresholds, type Thresholds } from '../gap/thresholds.ts'
import { gapsOf, judge } from '../gap/verdict.ts'
import { aaReport } from '../report/aa.ts'
import type { Run } from '../report/run.ts'
import { terminalReport } from '../report/terminal.ts'
import { machine, targetsInWords, versions } from '../targets/facts.ts'
import { checkParity, type Parity, sample } from '../targets/parity.ts'
import { codeOf, exitCode } from './exit-codes.ts'
import { type BlockSettings, measureBlocks } from './k6.ts'
import { countdown, show } from './progress.ts'
import { type GivenTargets, type Targets, withTargets } from './targets.ts'

export interface CompareOptions extends Omit<BlockSettings, 'sides'>, GivenTargets {
  /** How often at most it is measured, the first time included, until every threshold is decided. */
  looks: number
  /** One target on both sides, instead of one on each. */
  aa?: 'postgres' | 'python'
  command: string
}

const keysOfParity = 1000

/** @returns the exit code */
export async function compare(options: CompareOptions, signal: AbortSignal): Promise<number> {
  // What the user wrote is looked at before anything else happens.
  const thresholds = await readThresholds(options.thresholds)
  const { aa } = options
  return withTargets(options, signal, (targets) =>
    aa ? againstItself(aa, options, targets, signal) : measure(options, thresholds, targets, signal),
  )
}

/** A folder of its own for what a run leaves. */
export async function resultFolder(startedAt: Date): Promise<string> {
  const folder = path.join(results, startedAt.toISOString().replace(/[:.]/g, '-'))
  await mkdir(folder, { recursive: true })
  return folder
}

/** Passes when every interval of the TPS ratio holds 1.00. */
async function againstItself(
  target: 'postgres' | 'python',
  options: CompareOptions,
  targets: Targets,
  signal: AbortSignal,
): Promise<number> {
  const folder = await resultFolder(new Date())
  const settings: BlockSettings = { ...options, sides: [target, target] }
  let measurement: Measurement | undefined
  await show([
    {
      title: `Measure ${target} against itself`,
      work: async (progress) => {
        measurement = await countdown(lengthOf(settings), progress, () =>
          measureBlocks(settings, targets, folder, signal),
        )
        return undefined
      },
    },
  ])
  if (!measurement) throw new Error('the step must have run')
  const rows = aaRows(gapsOf(measurement))
  await writeFile(
    path.join(folder, 'aa.json'),
    JSON.stringify({ machine: machine(), target, rows, measurement }, null, 1),
  )
  process.stdout.write(
    `${aaReport(target, options.pairs, rows)}\nEverything measured stands in ${shown(folder)}\n`,
  )
  return rows.every(({ figure, holds }) => figure !== 'TPS' || holds) ? exitCode.pass : exitCode.crossed
}

async function measure(
  options: CompareOptions,
  thresholds: Thresholds,
  targets: Targets,
  signal: AbortSignal,
): Promise<number> {
  const { postgresUrl, pythonUrl, keysFile, stack } = targets
  const startedAt = new Date()
  const folder = await resultFolder(startedAt)
  let parity: Parity | undefined
  await show([
    {
      title: 'Compare the predictions of both targets',
      work: async () => {
        const keys = sample(await readKeys(keysFile), keysOfParity, options.seed)
        parity = await checkParity(postgresUrl, pythonUrl, keys)
        return `${parity.keys} keys, ${parity.identical} bit-identical`
      },
    },
  ])
  if (!parity) throw new Error('parity must have been checked')

  const looks: Measurement[] = []
  const judged = () => judge(merged(looks), thresholds, stack.training, options.looks)
  do {
    const more = looks.length === 0 ? '' : ' once more, for a threshold is undecided'
    await show([
      {
        title: `Measure at ${options.clients.join(', ')} client${options.clients.join() === '1' ? '' : 's'}${more}`,
        work: async (progress) => {
          // Another seed asks other keys, and lets the other target begin.
          const settings: BlockSettings = {
            ...options,
            sides: ['postgres', 'python'],
            seed: options.seed + looks.length,
          }
          const own = path.join(folder, `look-${looks.length + 1}`)
          await mkdir(own, { recursive: true })
          looks.push(
            await countdown(lengthOf(settings), progress, () =>
              measureBlocks(settings, targets, own, signal),
            ),
          )
          return undefined
        },
      },
    ])
  } while (judged().outcome === 'undecided' && looks.length < options.looks)
  const measurement = merged(looks)
  const verdict = judged()
  const run: Run = {
    version: 1,
    startedAt: startedAt.toISOString(),
    command: options.command,
    machine: machine(),
    versions: await versions(postgresUrl, pythonUrl, stack.featureStore?.version),
    targets: await targetsInWords(postgresUrl, pythonUrl),
    parity,
    ...(stack.training && { training: stack.training }),
    premises: premisesOf(measurement),
    thresholds,
    measurement,
    verdict,
  }
  await writeFile(path.join(folder, 'run.json'), JSON.stringify(run, null, 1))
  process.stdout.write(`${terminalReport(run)}\nEverything measured stands in ${shown(folder)}\n`)
  const broken = run.premises.filter(({ holds }) => !holds)
  if (broken.length > 0)
    throw new CouldNotMeasure(
      `The figures above mean nothing, for a premise is broken:\n${broken.map(({ name, seen }) => `  - ${name}: ${seen}`).join('\n')}`,
      `k6's logs stand in ${shown(folder)}`,
    )
  return codeOf(verdict.outcome)
}

/** Seconds between two blocks, as the scenario's plan has them. */
const pause = 0.5

/** Seconds that the scenario takes. */
export function lengthOf({ sides, clients, pairs, block, warmup }: BlockSettings): number {
  return clients.length * sides.length * (warmup + pause + pairs * (block + pause))
}
