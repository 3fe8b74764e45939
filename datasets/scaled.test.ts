/** Flights in another number, from an archive of a few. */
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { strToU8, zipSync } from 'fflate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { flights } from '../workload/flights.ts'
import { withDuckDb } from './duckdb.ts'
import { writeNycflights13 } from './nycflights13.ts'
import { type Prepared, preparedIn } from './prepared.ts'
import { writeScaled } from './scaled.ts'

const bundled = 600

let folder: string
let archive: string
let bundledRows: number[][]
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'scaled '))
  archive = path.join(folder, 'flights.csv.zip')
  const header =
    'year,month,day,dep_time,sched_dep_time,dep_delay,carrier,flight,tailnum,origin,dest,distance'
  // Two airports, six months, two carriers: 24 kinds of 25 flights, each with an aircraft and a delay of its own.
  const lines = Array.from({ length: bundled }, (_, at) => {
    const [month, day] = [1 + Math.floor(at / 100), 1 + (at % 28)]
    const origin = at % 2 ? 'JFK' : 'LGA'
    return `2013,${month},${day},1,1,${at},${at % 4 < 2 ? 'UA' : 'DL'},${at % 50},N${at},${origin},BOS,${100 + (at % 7)}`
  })
  await writeFile(archive, zipSync({ 'flights.csv': strToU8([header, ...lines, ''].join('\n')) }))
  const prepared = preparedIn(path.join(folder, 'bundled'), flights)
  await writeNycflights13(archive, prepared, () => {})
  bundledRows = await rowsIn(prepared)
})
afterAll(() => rm(folder, { recursive: true }))

async function rowsIn({ csv }: Prepared): Promise<number[][]> {
  const [, ...lines] = (await readFile(csv, 'utf8')).trimEnd().split('\n')
  return lines.map((line) => line.split(',').map(Number))
}

async function scaled(rows: number, seed = 1): Promise<Prepared> {
  const prepared = preparedIn(path.join(folder, `${rows} by ${seed}`), flights)
  await writeScaled(archive, prepared, { rows, seed }, () => {})
  return prepared
}

const digestOf = async ({ csv }: Prepared) =>
  createHash('sha256')
    .update(await readFile(csv))
    .digest('hex')

/** A row's values by the names of its columns. */
const named = (row: number[]) =>
  Object.fromEntries(flights.columns.map(({ name }, at) => [name, row[at] as number]))

/** How many rows there are of each of something. */
function counts(rows: number[][], of: (row: Record<string, number>) => unknown): Record<string, number> {
  const found: Record<string, number> = {}
  for (const row of rows) {
    const name = String(of(named(row)))
    found[name] = (found[name] ?? 0) + 1
  }
  return found
}

const route = (row: Record<string, number>) => [
  row.originairportid,
  row.destairportid,
  row.month,
  row.flight_number_operating_airline,
  row.distance,
]

test('as many as are wanted, in years that follow each other, none larger than the bundled one', async () => {
  const rows = await rowsIn(await scaled(2 * bundled + 1))
  expect(counts(rows, ({ year }) => year)).toEqual({ 2013: 400, 2014: 400, 2015: 401 })
  const years = rows.map((row) => named(row).year as number)
  expect(years).toEqual([...years].sort())
})

test('a year of as many flights has the airports, months, flight numbers and distances of the bundled one', async () => {
  const rows = await rowsIn(await scaled(3 * bundled))
  for (const year of [2013, 2014, 2015]) {
    const ofYear = rows.filter((row) => named(row).year === year)
    expect(counts(ofYear, route)).toEqual(counts(bundledRows, route))
  }
})

test('aircraft, day and delay are those of other flights of the same airport, month and carrier', async () => {
  const rows = await rowsIn(await scaled(3 * bundled))
  // Each bundled flight has an aircraft and a delay of its own, which tell it; its carrier is that of its number.
  const kind = (row: Record<string, number>, at: number) => [row.originairportid, row.month, at % 4 < 2]
  const kinds = new Map(bundledRows.map((row, at) => [named(row).depdelayminutes, kind(named(row), at)]))
  const byAircraft = new Map(bundledRows.map((row, at) => [named(row).tail_number, kind(named(row), at)]))
  const days = new Map(bundledRows.map((row) => [named(row).depdelayminutes, named(row).dayofmonth]))
  let own = 0
  for (const [at, row] of rows.map(named).entries()) {
    // Year after year they stand in the order of the bundled ones.
    expect(kinds.get(row.depdelayminutes)).toEqual(kind(row, at % bundled))
    expect(byAircraft.get(row.tail_number)).toEqual(kind(row, at % bundled))
    expect(days.get(row.depdelayminutes)).toBe(row.dayofmonth)
    if (row.depdelayminutes === at % bundled) own++
  }
  // One of the 25 of its kind, in 1,800 draws: 72 with a standard deviation of 8.3.
  expect(Math.abs(own - 72)).toBeLessThan(42)
  expect(new Set(rows.map((row) => row.join())).size).toBeGreaterThan(1750)
})

test('the day of the week is of the shifted year, the quarter of the month', async () => {
  for (const row of (await rowsIn(await scaled(5 * bundled))).map(named)) {
    const date = new Date(Date.UTC(row.year as number, (row.month as number) - 1, row.dayofmonth))
    expect(row.dayofweek).toBe(date.getUTCDay() || 7)
    expect(row.quarter).toBe(Math.ceil((row.month as number) / 3))
  }
})

test('each key is there once, with the place of its first row', async () => {
  const prepared = await scaled(2 * bundled)
  const rows = (await rowsIn(prepared)).map(named)
  const first = new Map<string, number>()
  for (const [at, row] of rows.entries()) {
    const key = flights.key.map((name) => row[name]).join()
    if (!first.has(key)) first.set(key, at + 1)
  }
  const found = await withDuckDb((db) => db.rows(`SELECT * FROM read_parquet('${prepared.everyKey}')`))
  expect(found.map((row) => row.map(Number))).toEqual(
    [...first].map(([key, place]) => [...key.split(',').map(Number), place]),
  )
})

test('the same rows for the same seed on every machine, others for another', async () => {
  const digest = '0cc1dbe26a8f2ee2120a0960ec6966cc79277f0951f3a10586c3b6dc94dbd5bd'
  expect(await digestOf(await scaled(1500, 1))).toBe(digest)
  expect(await digestOf(await scaled(1500, 2))).not.toBe(digest)
})
