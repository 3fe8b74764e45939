/** Files that commands left, read again: a run of `compare`, or a search of `capacity`; each says itself which it is. */
import { existsSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { BadInput } from '../build/failure.ts'
import { results, shown } from '../build/paths.ts'
import { fitted, jsonIn, refuse } from '../build/user-file.ts'
import { type CapacityRun, capacityRunSchema } from './capacity/run.ts'
import { type Run, runForm } from './run.ts'

export type Result = Run | CapacityRun

export const isSearch = (result: Result): result is CapacityRun => 'kind' in result

const names = ['run.json', 'capacity.json']
const hint =
  'Give the run.json that compare left in results/, made by this version or the one before, or the capacity.json of capacity'

/** @throws {BadInput} naming the file and what in it does not fit */
export async function readResult(file: string): Promise<Result> {
  const given = { file, most: 256e6, hint }
  const json = await jsonIn(given)
  const fields = typeof json === 'object' && json !== null ? json : {}
  if ('kind' in fields && fields.kind === 'capacity') return fitted(capacityRunSchema, json, given)
  if ('version' in fields || 'measurement' in fields) return fitted(runForm, json, given)
  return refuse(given, 'does not fit: it is neither a run of compare nor a search of capacity')
}

/** @throws {BadInput} also where it is a search, which has no gaps */
export async function readRun(file: string): Promise<Run> {
  const result = await readResult(file)
  if (isSearch(result))
    throw new BadInput(
      `${shown(file)} is a search of capacity; expected a run, whose gaps can be compared`,
      'Give the run.json that compare left in results/',
    )
  return result
}

const isFolder = (file: string) => statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false

/** The result that a folder holds; a file is it. @throws {BadInput} where there is none, or more than one */
export function resultIn(given: string): string {
  if (!isFolder(given)) return given
  const found = names.map((name) => path.join(given, name)).filter((file) => existsSync(file))
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  throw new BadInput(
    `${shown(given)} holds ${found.length === 0 ? 'neither' : 'both'} ${names.join(found.length === 0 ? ' nor ' : ' and ')}`,
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
    'npx inference-gap compare leaves one, and so does capacity; or name the file that is meant',
  )
}
