/**
 * A step of the set-up: done once, skipped as long as its inputs have the same content and its outputs are there.
 * The stamp of a step is written only after it succeeded, so an interrupted step is done again.
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { inCache, ours } from './paths.ts'
import { tryFolder, writeWhole } from './place.ts'

/** What a step tells while it works; each call replaces what it said before. */
export type Progress = (what: string) => void

export interface StepContext {
  progress: Progress
  signal?: AbortSignal | undefined
}

export interface Step {
  /** As people read it, in the infinitive: "Build bin/k6". */
  title: string
  /** File name of its stamp. */
  name: string
  /** All that the outputs follow from: hashes of files, versions, options. */
  inputs: () => Promise<Record<string, string>>
  /** Files or folders that must exist for the step to count as done. */
  outputs: string[]
  work: (context: StepContext) => Promise<void>
}

const stampFile = (step: Step) => inCache('steps', `${step.name}.json`)

async function stamped(step: Step, inputs: string): Promise<boolean> {
  if (!step.outputs.every((file) => existsSync(file))) return false
  try {
    return (await readFile(stampFile(step), 'utf8')) === inputs
  } catch {
    return false
  }
}

/** Where an output is to be: a folder of ours, for what is below that is the step's own affair; else its own folder. */
const placeOf = (output: string): string =>
  ours.find((folder) => output.startsWith(folder + path.sep)) ?? path.dirname(output)

/** @returns whether there was anything to do */
export async function doStep(step: Step, context: StepContext): Promise<boolean> {
  const inputs = `${JSON.stringify(await step.inputs(), null, 2)}\n`
  if (await stamped(step, inputs)) return false
  const stamp = stampFile(step)
  await mkdir(path.dirname(stamp), { recursive: true })
  await rm(stamp, { force: true })
  for (const folder of new Set(step.outputs.map(placeOf))) await tryFolder(folder)
  await step.work(context)
  await writeWhole(stamp, inputs)
  return true
}
