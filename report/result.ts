/** Files that commands left, read again: what `compare`, `capacity` or `train` measured; each says itself which it is. */
import { existsSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { BadInput } from '../build/failure.ts'
import { results, shown } from '../build/paths.ts'
import { fitted, jsonIn, refuse } from '../build/user-file.ts'
import { type CapacityRun, capacityRunSchema } from './capacity/run.ts'
import { type Run, runForm } from './run.ts'
import { type TrainingRun, trainingRunSchema } from './training/run.ts'

export type Result = Run | CapacityRun | TrainingRun

export const isSearch = (result: Result): result is CapacityRun =>
  'kind' in result && result.kind === 'capacity'
export const isTraining = (result: Result): result is TrainingRun =>
  'kind' in result && result.kind === 'training'

/** What one is that has no gaps to compare; undefined of a run. */
export const instead = (result: Result): string | undefined =>
  isSearch(result) ? 'a search of capacity' : isTraining(result) ? 'what train measured' : undefined

const names = ['run.json', 'capacity.json', 'training.json']
const hint =
  'Give the run.json that compare left in results/, made by this version or the one before, the capacity.json of capacity, or the training.json of train'

/** @throws {BadInput} naming the file and what in it does not fit */
export async function readResult(file: string): Promise<Result> {
  const given = { file, most: 256e6, hint }
  const json = await jsonIn(given)
  const fields = typeof json === 'object' && json !== null ? json : {}
  if ('kind' in fields && fields.kind === 'capacity') return fitted(capacityRunSchema, json, given)
  if ('kind' in fields && fields.kind === 'training') return fitted(trainingRunSchema, json, given)
  if ('version' in fields || 'measurement' in fields) return fitted(runForm, json, given)
  return refuse(given, 'does not fit: it is none of what compare, capacity and train leave')
}

/** @throws {BadInput} also where it is another result, which has no gaps */
export async function readRun(file: string): Promise<Run> {
  const result = await readResult(file)
  if (!('kind' in result)) return result
  throw new BadInput(
    `${shown(file)} is ${instead(result)}; expected a run, whose gaps can be compared`,
    'Give the run.json that compare left in results/',
  )
}

const isFolder = (file: string) => statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false

/** The result that a folder holds; a file is it. @throws {BadInput} where there is none, or more than one */
export function resultIn(given: string): string {
  if (!isFolder(given)) return given
  const found = names.map((name) => path.join(given, name)).filter((file) => existsSync(file))
  if (found.length === 1) return found[0] as string
  throw new BadInput(
    found.length === 0
      ? `${shown(given)} holds none of ${names.join(', ')}`
      : `${shown(given)} holds ${found.map((file) => path.basename(file)).join(' and ')}`,
    'Name the file that is meant',
  )
}

/** The result that was left last. @throws {BadInput} where there is none */
export async function latestResult(folder = results): Promise<string> {
  // Their names are the times at which they began.
  const folders = await readdir(folder).catch(() => [])
  const found = folders
    .filter((name) => /^\d{4}-/.test(name))
    .sort()
    .reverse()
    .flatMap((each) => names.map((name) => path.join(folder, each, name)))
    .find((file) => existsSync(file))
  if (found !== undefined) return found
  throw new BadInput(
    `There is no run in ${shown(folder)} yet`,
    'npx inference-gap compare leaves one, and so do capacity and train; or name the file that is meant',
  )
}
