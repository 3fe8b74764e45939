import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BadInput } from '../build/failure.ts'
import { shown } from '../build/paths.ts'
import { sampleCapacityRun } from './capacity/fixture.ts'
import { sampleRun } from './fixture.ts'
import { instead, isSearch, isTraining, latestResult, readResult, readRun, resultIn } from './result.ts'
import { sampleTrainingRun } from './training/fixture.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'results '))
})
afterEach(() => rm(home, { recursive: true }))

const at = (...parts: string[]) => path.join(home, ...parts)

test('a file says itself what it is, whatever its name', async () => {
  await writeFile(at('one.json'), JSON.stringify(sampleRun()))
  await writeFile(at('other.json'), JSON.stringify(sampleCapacityRun()))
  await writeFile(at('third.json'), JSON.stringify(sampleTrainingRun()))
  const read = await Promise.all(['one', 'other', 'third'].map((name) => readResult(at(`${name}.json`))))
  expect(read.map(isSearch)).toEqual([false, true, false])
  expect(read.map(isTraining)).toEqual([false, false, true])
  expect(read).toEqual([sampleRun(), sampleCapacityRun(), sampleTrainingRun()])
})

test('neither a search nor trainings are a run to compare with', async () => {
  await writeFile(at('capacity.json'), JSON.stringify(sampleCapacityRun()))
  await expect(readRun(at('capacity.json'))).rejects.toThrow(
    `${shown(at('capacity.json'))} is a search of capacity; expected a run`,
  )
  await writeFile(at('training.json'), JSON.stringify(sampleTrainingRun()))
  await expect(readRun(at('training.json'))).rejects.toThrow(
    `${shown(at('training.json'))} is what train measured; expected a run`,
  )
})

test.each([{}, [], 5, null, { kind: 'compare' }])('%j is neither, in one line', async (value) => {
  await writeFile(at('some.json'), JSON.stringify(value))
  const error = await readResult(at('some.json')).catch((thrown) => thrown)
  expect(error).toBeInstanceOf(BadInput)
  expect(error.message).toBe(
    `${shown(at('some.json'))} does not fit: it is none of what compare, capacity and train leave`,
  )
})

test('a folder stands for the one result that it holds', async () => {
  expect(() => resultIn(home)).toThrow(`${shown(home)} holds none of run.json, capacity.json, training.json`)
  await writeFile(at('capacity.json'), '{}')
  expect(resultIn(home)).toBe(at('capacity.json'))
  // Which does not exist is for the reader to tell.
  for (const file of [at('capacity.json'), at('nothing')]) expect(resultIn(file)).toBe(file)
  await writeFile(at('run.json'), '{}')
  expect(() => resultIn(home)).toThrow('holds run.json and capacity.json')
})

test('the latest is the one that began last, whatever else lies beside it', async () => {
  const none = { message: expect.stringContaining('no run in'), hint: expect.stringContaining('compare') }
  await expect(latestResult(at('nowhere'))).rejects.toMatchObject(none)
  const days = ['03', '11', '07', '01', '28', '17'].map((day) => `2026-02-${day}T00-00-00-000Z`)
  for (const name of ['2026-03-01T10-00-00-000Z', ...days, 'mine']) {
    await mkdir(at(name))
    await writeFile(at(name, 'run.json'), '{}')
  }
  // A command that left no result.
  await mkdir(at('2026-03-02T10-00-00-000Z'))
  expect(await latestResult(home)).toBe(at('2026-03-01T10-00-00-000Z', 'run.json'))
  await writeFile(at('2026-03-02T10-00-00-000Z', 'capacity.json'), '{}')
  expect(await latestResult(home)).toBe(at('2026-03-02T10-00-00-000Z', 'capacity.json'))
})

test('each refusal says what to give instead', async () => {
  const hintOf = async (work: () => unknown) => {
    const error: unknown = await Promise.resolve()
      .then(work)
      .catch((thrown) => thrown)
    expect(error).toBeInstanceOf(BadInput)
    return (error as BadInput).hint
  }
  await writeFile(at('some.json'), '{}')
  expect(await hintOf(() => readResult(at('some.json')))).toBe(
    'Give the run.json that compare left in results/, made by this version or the one before, the capacity.json of capacity, or the training.json of train',
  )
  await writeFile(at('capacity.json'), JSON.stringify(sampleCapacityRun()))
  expect(await hintOf(() => readRun(at('capacity.json')))).toBe(
    'Give the run.json that compare left in results/',
  )
  await mkdir(at('empty'))
  expect(await hintOf(() => resultIn(at('empty')))).toBe('Name the file that is meant')
  expect(await hintOf(() => latestResult(at('empty')))).toBe(
    'npx inference-gap compare leaves one, and so do capacity and train; or name the file that is meant',
  )
})

test('a file of another kind is refused by the fields of what it says it is, and a large one unread', async () => {
  for (const [value, expected] of [
    [{ kind: 'capacity' }, 'startedAt is missing'],
    [{ kind: 'training' }, 'startedAt is missing'],
    [{ version: 3 }, 'startedAt is missing'],
    [{ measurement: {} }, 'version is missing'],
  ] as const) {
    await writeFile(at('some.json'), JSON.stringify(value))
    await expect(readResult(at('some.json'))).rejects.toThrow(expected)
  }
  await writeFile(at('large.json'), '')
  await truncate(at('large.json'), 300e6)
  await expect(readResult(at('large.json'))).rejects.toThrow('has 300 MB; expected at most 256 MB')
})

test('what has no gaps is called by what it is', () => {
  expect([sampleRun(), sampleCapacityRun(), sampleTrainingRun()].map(instead)).toEqual([
    ...[undefined, 'a search of capacity', 'what train measured'],
  ])
})

test('of the latest, run.json comes before the others, and so do they among each other', async () => {
  await mkdir(at('2026-03-01'))
  for (const name of ['training.json', 'capacity.json', 'run.json']) {
    await writeFile(at('2026-03-01', name), '{}')
    expect(await latestResult(home)).toBe(at('2026-03-01', name))
  }
  // A name with a time elsewhere than at its beginning is none of ours.
  await mkdir(at('of 2027-01-01'))
  await writeFile(at('of 2027-01-01', 'run.json'), '{}')
  expect(await latestResult(home)).toBe(at('2026-03-01', 'run.json'))
})
