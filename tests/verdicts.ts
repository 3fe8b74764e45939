/** How short tests measure, what they expect of the flights, and what is up to the machine in a command's end. */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'vitest'
import { thresholdsFile } from '../build/paths.ts'
import { exitCode } from '../cli/exit-codes.ts'
import type { GapBounds, SideBounds } from '../gap/bounds.ts'
import type { Run } from '../report/run.ts'
import type { Ended } from './program.ts'

/** A little of everything, for the command line. */
export const brief = ['--clients', '1', '--sessions', '1', '--pairs', '2', '--block', '1', '--warmup', '1']
/** With one look: how many are needed is decided by the machine's noise. */
export const short = [...brief, '--looks', '1']

/** Those of the flights, which have all of these. */
export interface FlightThresholds {
  postgres: SideBounds
  python: SideBounds
  gap: GapBounds
}

/** The project's thresholds with a change, in a file of their own. */
export async function thresholdsIn(
  folder: string,
  change: (given: FlightThresholds) => void,
): Promise<string> {
  const given = JSON.parse(await readFile(thresholdsFile, 'utf8')) as FlightThresholds
  change(given)
  const file = path.join(folder, 'thresholds.json')
  await writeFile(file, JSON.stringify(given))
  return file
}

const never = 1e-300

/** Bounds that no noise crosses, in whatever interval: for tests that are not about how fast the machine is. */
export const lenient = (given: FlightThresholds) => {
  for (const side of [given.postgres, given.python]) {
    side.maxLatencyMs = { p50: 1e9 }
    side.minTps = never
  }
  given.gap = {
    minTpsRatio: never,
    minLatencyRatio: { p50: never, p95: never },
    minTrainingMemoryRatio: never,
  }
}

/** The folder that a command's output names. */
export const folderOf = (output: string) => path.resolve('/', /stands in (.+)/.exec(output)?.[1] ?? '')

/** The JSON that a command left in its folder. */
export const left = async <Json = Run>(output: string, name = 'run.json'): Promise<Json> =>
  JSON.parse(await readFile(path.join(folderOf(output), name), 'utf8'))

/** Premises that follow from what we do; whether the others hold is up to the machine and to what else runs on it. */
const upToUs = ['keep-alive', 'prepared', 'same keys, same model']

/** The exit code is the expected one, or, where the machine broke a premise, the one that says so, naming it. */
export const expectCode = (ended: Ended, expected: number, run: Pick<Run, 'premises'>) =>
  expectOneOf(ended, [expected], run)

/** It came to a verdict, which here is up to the machine. */
export const expectMeasured = (ended: Ended, run: Pick<Run, 'premises'>) =>
  expectOneOf(ended, [exitCode.pass, exitCode.undecided, exitCode.crossed], run)

function expectOneOf({ code, output }: Ended, expected: number[], { premises }: Pick<Run, 'premises'>): void {
  const broken = premises.filter(({ holds }) => !holds).map(({ name }) => name)
  expect(
    broken.filter((name) => upToUs.includes(name)),
    output,
  ).toEqual([])
  for (const name of broken) expect(output).toContain(`  - ${name}: `)
  expect(broken.length > 0 ? [exitCode.couldNotMeasure] : expected, output).toContain(code)
}
