/** `inference-gap build`: the programs; with a workload its scenarios, and what plain k6 needs for them. */
import { bundleWorkload } from '../build/bundles.ts'
import { locked } from '../build/lock.ts'
import { k6Binary, shown } from '../build/paths.ts'
import { exitCode } from './exit-codes.ts'
import { show } from './progress.ts'
import { buildSteps, measuringSteps, setupSteps } from './setup.ts'
import { quoted } from './shell.ts'
import { keysOf, readWorkload, thresholdsFileOf, thresholdsOf } from './targets.ts'

/** `inference-gap setup`: all that measuring needs. */
export async function setup(signal: AbortSignal): Promise<number> {
  await locked(() => show(setupSteps(signal)))
  return exitCode.pass
}

/** @param file absent: the flights, and all that their targets need */
export async function build(file: string | undefined, signal: AbortSignal): Promise<number> {
  if (file === undefined) return locked(() => show(buildSteps(signal))).then(() => exitCode.pass)
  const workload = await readWorkload(file)
  // What does not fit is told here, and not by k6, perhaps on another machine.
  await thresholdsOf(undefined, workload)
  return locked(async () => {
    await show(measuringSteps(signal))
    const keys = await keysOf(workload, signal)
    const folder = await bundleWorkload(workload, { ...keys, thresholds: thresholdsFileOf(workload) })
    const names = [...workload.sides, ...workload.beside].map(({ name }) => `${name}.js`)
    process.stdout.write(
      `\n${shown(folder)} has compare.js, ${names.join(', ')} and what they read:\n  ${quoted(shown(k6Binary))} run --address '' ${quoted(`${shown(folder)}/compare.js`)}\n`,
    )
    return exitCode.pass
  })
}
