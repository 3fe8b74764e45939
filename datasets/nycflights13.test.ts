import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { strToU8, zipSync } from 'fflate'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { flights } from '../workload/flights.ts'
import { writeNycflights13 } from './nycflights13.ts'
import { preparedIn } from './prepared.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flights '))
})
afterEach(() => rm(folder, { recursive: true }))

const header = 'year,month,day,dep_time,sched_dep_time,dep_delay,carrier,flight,tailnum,origin,dest,distance'

async function read(...lines: string[]) {
  const archive = path.join(folder, 'flights.csv.zip')
  await writeFile(archive, zipSync({ 'flights.csv': strToU8([header, ...lines, ''].join('\n')) }))
  return written(archive)
}

/** What lies ready afterwards. */
async function written(archive: string) {
  const prepared = preparedIn(folder, flights)
  await writeNycflights13(archive, prepared, () => {})
  const [, ...lines] = (await readFile(prepared.csv, 'utf8')).trimEnd().split('\n')
  return {
    rows: lines.map((line) => line.split(',').map(Number)),
    keys: JSON.parse(await readFile(prepared.keys, 'utf8')),
    dictionaries: JSON.parse(await readFile(prepared.dictionaries, 'utf8')),
  }
}

test('a row becomes the ten features and the delay', async () => {
  const { rows, keys } = await read('2013,12,1,517,515,2,UA,1545,N14228,EWR,IAH,1400')
  // The first of December 2013 was a Sunday.
  expect(rows).toEqual([[2013, 4, 12, 1400, 7, 1, 1545, 1, 2, 1, 2]])
  expect(keys).toEqual([[1, 2013, 12, 1]])
})

test('early departures count as 0, unknown delays do not count, unknown aircraft are 0', async () => {
  const { rows } = await read(
    '2013,1,1,517,515,-5,UA,1,N1,EWR,IAH,1400',
    '2013,1,1,NA,515,NA,UA,2,N2,EWR,IAH,1400',
    '2013,1,1,517,515,3,UA,3,NA,EWR,IAH,1400',
  )
  expect(rows.map((row) => row.at(-1))).toEqual([0, 3])
  expect(rows.map((row) => row[9])).toEqual([1, 0])
})

test('origin and destination share their codes', async () => {
  const { dictionaries } = await read('2013,1,1,1,1,1,UA,1,N1,JFK,BOS,1', '2013,1,1,1,1,1,UA,1,N1,BOS,JFK,1')
  expect(dictionaries.airports).toEqual({ BOS: 1, JFK: 2 })
})

test('a value that is no number is named with its line', async () => {
  await expect(
    read('2013,1,1,1,1,1,UA,1,N1,JFK,BOS,1', '2013,1,1,1,1,1,UA,1,N1,JFK,BOS,far'),
  ).rejects.toThrow("flights.csv line 3, distance: 'far' is no whole number")
})

test('an archive without the flights', async () => {
  const archive = path.join(folder, 'other.zip')
  await writeFile(archive, zipSync({ 'other.csv': strToU8(''), 'more.csv': strToU8('') }))
  await expect(written(archive)).rejects.toThrow('holds no flights.csv, only other.csv, more.csv')
})

test('quarters, weekdays and years are of the date', async () => {
  const dates = [
    '2012,2,29',
    '2013,3,31',
    '2013,4,1',
    '2013,6,30',
    '2013,7,1',
    '2013,9,30',
    '2013,10,1',
    '2013,12,31',
  ]
  const { rows } = await read(...dates.map((date) => `${date},1,1,0,UA,1,N1,JFK,BOS,1`))
  // By the calendar: 29 February 2012 was a Wednesday, 31 March 2013 a Sunday, as was 30 June.
  expect(rows.map(([year, quarter, month, , weekday, day]) => [year, quarter, month, weekday, day])).toEqual([
    [2012, 1, 2, 3, 29],
    [2013, 1, 3, 7, 31],
    [2013, 2, 4, 1, 1],
    [2013, 2, 6, 7, 30],
    [2013, 3, 7, 1, 1],
    [2013, 3, 9, 1, 30],
    [2013, 4, 10, 2, 1],
    [2013, 4, 12, 2, 31],
  ])
})

test('a delay or an aircraft that is not told at all is as unknown as one that is not available', async () => {
  const { rows, dictionaries } = await read(
    '2013,1,1,1,1,,UA,1,N9,JFK,BOS,1',
    '2013,1,1,1,1,4,UA,2,,JFK,BOS,1',
    '2013,1,1,1,1,5,UA,3,N1,JFK,BOS,1',
  )
  expect(rows.map((row) => [row[6], row[9], row[10]])).toEqual([
    [2, 0, 4],
    [3, 1, 5],
  ])
  // A flight that does not count has no part in the codes.
  expect(dictionaries.aircraft).toEqual({ N1: 1 })
})

test.each([
  ['2013,1,1,1,1,1,UA,1,N1,JFK,BOS,', "line 3, distance: '' is no whole number"],
  ['2013,1,1,1,1,1,UA,1.5,N1,JFK,BOS,1', "line 3, flight: '1.5' is no whole number"],
  ['2013,1,1,1,1,soon,UA,1,N1,JFK,BOS,1', "line 3, dep_delay: 'soon' is no whole number"],
  ['x,1,1,1,1,1,UA,1,N1,JFK,BOS,1', "line 3, year: 'x' is no whole number"],
  ['2013,x,1,1,1,1,UA,1,N1,JFK,BOS,1', "line 3, month: 'x' is no whole number"],
  ['2013,1,x,1,1,1,UA,1,N1,JFK,BOS,1', "line 3, day: 'x' is no whole number"],
])('%s is refused by line and column, those that do not count included', async (line, expected) => {
  await expect(read('2013,1,1,1,1,NA,UA,1,N1,JFK,BOS,1', line)).rejects.toThrow(expected)
})

test('an archive with nothing in it', async () => {
  const archive = path.join(folder, 'empty.zip')
  await writeFile(archive, zipSync({}))
  await expect(written(archive)).rejects.toThrow(`${archive} holds no flights.csv, only nothing`)
})
