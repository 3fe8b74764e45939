/** Flights of sources that are known by the names of their columns: files of several years, in both formats, in any order. */
import { mkdtempSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { BadInput } from '../build/failure.ts'
import { flights } from '../workload/flights.ts'
import { literal } from '../workload/identifier.ts'
import { random } from '../workload/random.ts'
import { withDuckDb } from './duckdb.ts'
import { describeTable, prepareTable } from './table.ts'

const folder = vi.hoisted(() => ({ path: '' }))
vi.mock('../build/paths.ts', async (original) => {
  folder.path ||= mkdtempSync(path.join(tmpdir(), 'known '))
  return {
    ...(await original<object>()),
    inCache: (...parts: string[]) => path.join(folder.path, 'cache', ...parts),
  }
})
afterAll(() => rm(folder.path, { recursive: true }))

/** The 61 columns of "Flight Status Prediction". */
const names =
  `FlightDate Airline Origin Dest Cancelled Diverted CRSDepTime DepTime DepDelayMinutes DepDelay ArrTime ArrDelayMinutes
  AirTime CRSElapsedTime ActualElapsedTime Distance Year Quarter Month DayofMonth DayOfWeek Marketing_Airline_Network
  Operated_or_Branded_Code_Share_Partners DOT_ID_Marketing_Airline IATA_Code_Marketing_Airline Flight_Number_Marketing_Airline
  Operating_Airline DOT_ID_Operating_Airline IATA_Code_Operating_Airline Tail_Number Flight_Number_Operating_Airline OriginAirportID
  OriginAirportSeqID OriginCityMarketID OriginCityName OriginState OriginStateFips OriginStateName OriginWac DestAirportID
  DestAirportSeqID DestCityMarketID DestCityName DestState DestStateFips DestStateName DestWac DepDel15 DepartureDelayGroups DepTimeBlk
  TaxiOut WheelsOff WheelsOn TaxiIn CRSArrTime ArrDelay ArrDel15 ArrivalDelayGroups ArrTimeBlk DistanceGroup DivAirportLandings`.split(
    /\s+/,
  )

type Row = Record<string, string | undefined>

/** A flight as the files write it; what is not told of is of no interest. */
function flight(year: number, at: number, more: Row = {}): Row {
  const month = 1 + (at % 12)
  return {
    ...Object.fromEntries(names.map((name) => [name, '1.0'])),
    ...{ FlightDate: `${year}-${month}-03`, Airline: 'Sky, "West" Inc.', OriginCityName: 'New York, NY' },
    ...{ Origin: 'JFK', Dest: 'LAX', DepTimeBlk: '0900-0959' },
    ...{ Cancelled: 'False', Diverted: 'False', DepDelayMinutes: `${at}.0`, Distance: `${100 + at}.0` },
    ...{ Year: String(year), Quarter: String(Math.ceil(month / 3)), Month: String(month) },
    ...{
      DayofMonth: '3',
      DayOfWeek: '5',
      Tail_Number: `N${at % 3}`,
      Flight_Number_Operating_Airline: `${at + 1000}`,
    },
    ...{ OriginAirportID: '12478', DestAirportID: '12892' },
    ...more,
  }
}

/** What becomes of it; aircraft are coded by their rank. */
const learned = (year: number, at: number) => {
  const month = 1 + (at % 12)
  return [year, Math.ceil(month / 3), month, 100 + at, 5, 3, at + 1000, 12478, 12892, 1 + (at % 3), at]
}

const inCsv = (value = '') => (/[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)
const csv = (columns: readonly string[], rows: readonly Row[]) =>
  [columns.join(), ...rows.map((row) => columns.map((name) => inCsv(row[name])).join()), ''].join('\n')

function shuffled(seed: number): string[] {
  const next = random(seed)
  return names
    .map((name) => [next(), name] as const)
    .sort(([a], [b]) => a - b)
    .map(([, name]) => name)
}

let folders = 0
/** Files of their own, and the pattern of all. */
async function files(contents: Record<string, string>): Promise<string> {
  const place = path.join(folder.path, `source ${folders++}`)
  await mkdir(place)
  for (const [name, text] of Object.entries(contents)) await writeFile(path.join(place, name), text)
  return path.join(place, '*')
}

/** The same files as Parquet, with the types that DuckDB finds in them. */
async function asParquet(pattern: string): Promise<string> {
  const place = path.join(folder.path, `source ${folders++}`)
  await mkdir(place)
  await withDuckDb(async (db) => {
    for (const [file] of await db.rows(`SELECT file FROM glob(${literal(pattern)}) ORDER BY file`)) {
      const to = path.join(place, `${path.basename(String(file), '.csv')}.parquet`)
      await db.run(
        `COPY (SELECT * FROM read_csv(${literal(String(file))}, sample_size = -1)) TO ${literal(to)}`,
      )
    }
  })
  return path.join(place, '*.parquet')
}

const usual = { hyperparameters: { n_estimators: 25 } }

async function prepared(data: string) {
  const made = await prepareTable({ ...usual, data }, () => {})
  const [head, ...lines] = (await readFile(made.csv, 'utf8')).trimEnd().split('\n')
  return { ...made, head, rows: lines.map((line) => line.split(',').map(Number)) }
}

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, at) => from + at)

const years = () =>
  files({
    'Combined_Flights_2019.csv': csv(shuffled(2), [
      ...numbers(6, 10).map((at) => flight(2019, at)),
      flight(2019, 30, { DepDelayMinutes: '', Diverted: 'True' }),
    ]),
    'Combined_Flights_2018.csv': csv(shuffled(1), [
      flight(2018, 20, { DepDelayMinutes: '', Cancelled: 'True', Tail_Number: '' }),
      ...numbers(10).map((at) => flight(2018, at)),
      flight(2018, 21, { DepDelayMinutes: undefined, Cancelled: 'True', Diverted: 'True' }),
      flight(2018, 22, { DepDelayMinutes: '' }),
    ]),
  })

test.each([
  ['CSV', years],
  ['Parquet', async () => asParquet(await years())],
] as const)('several years of 61 columns in any order, as %s', async (_, made) => {
  const data = await made()
  const { head, rows, dataset, about } = await prepared(data)
  expect(dataset).toEqual(flights)
  expect(head).toBe(flights.columns.map(({ name }) => name).join())
  // In the order of the files' names, then of their lines.
  expect(rows).toEqual([
    ...numbers(10).map((at) => learned(2018, at)),
    ...numbers(6, 10).map((at) => learned(2019, at)),
  ])
  expect(about).toContain('(Flight Status Prediction); left out: ')
  expect(about).toMatch(/^16 of /)
  const { leftOut } = await describeTable({ ...usual, data })
  expect(leftOut).toEqual([
    { why: 'cancelled', rows: 2 },
    { why: 'diverted', rows: 1 },
    { why: 'neither, and no delay is told', rows: 1 },
  ])
})

test('a diverted flight with a delay counts, early ones are 0, an aircraft that is not told is 0', async () => {
  const data = await files({
    'one.csv': csv(names, [
      flight(2020, 1, { Diverted: 'True' }),
      flight(2020, 2, { DepDelayMinutes: '-4.0' }),
      flight(2020, 3, { Tail_Number: '' }),
      flight(2020, 4),
    ]),
  })
  const { rows } = await prepared(data)
  expect(rows.map((row) => row.at(-1))).toEqual([1, 0, 3, 4])
  // N1, N2, none, N1
  expect(rows.map((row) => row.at(-2))).toEqual([1, 2, 0, 1])
})

test("the published comparison's form: numbers throughout, a delay that may be missing", async () => {
  const columns = ['depdelayminutes', ...flights.features]
  const row = (at: number): Row => ({
    ...Object.fromEntries(flights.features.map((name, index) => [name, `${index + at}.0`])),
    depdelayminutes: at === 3 ? '' : `${at}.0`,
  })
  const data = await files({ 'flights.csv': csv(columns, numbers(6).map(row)) })
  const { rows, dataset } = await prepared(data)
  expect(dataset).toEqual(flights)
  expect(rows).toEqual([0, 1, 2, 4, 5].map((at) => [...numbers(10, at), at]))
  expect((await describeTable({ ...usual, data })).leftOut).toEqual([{ why: 'no delay is told', rows: 1 }])
})

test('hyperparameters that are said hold for known sources, too', async () => {
  const data = await files({
    'one.csv': csv(
      names,
      numbers(5).map((at) => flight(2020, at)),
    ),
  })
  const { dataset } = await describeTable({ data, hyperparameters: { n_estimators: 3 } })
  expect(dataset).toEqual({ ...flights, hyperparameters: { n_estimators: 3 } })
  // Said before anything is loaded, as of other tables.
  await expect(describeTable({ data, hyperparameters: { n_estimators: 0 } })).rejects.toThrow(
    'expected n_estimators to be a whole number of at least 1',
  )
})

async function refusal(data: string): Promise<string> {
  const error = await describeTable({ ...usual, data }).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(BadInput)
  expect((error as BadInput).hint).toMatch(/\S/)
  return (error as BadInput).text
}

test.each<[string, Row, string]>([
  ['no number', { Distance: 'far' }, 'Distance is far in 1 row'],
  ['a fraction', { Month: '1.5' }, 'Month is 1.5 in 1 row'],
  ['a missing value', { OriginAirportID: '' }, 'OriginAirportID has no value in 1 row'],
  ['more than its column holds', { Year: '40000' }, 'Year is 40000 in 1 row'],
])('%s is refused by its column', async (_, change, said) => {
  const rows = [...numbers(6).map((at) => flight(2020, at)), flight(2020, 7, change)]
  expect(await refusal(await files({ 'one.csv': csv(names, rows) }))).toContain(said)
})

test('what is wrong with a flight that is left out does not matter', async () => {
  const none = { DepDelayMinutes: '', Cancelled: 'True', Distance: 'far', Month: '' }
  const rows = [...numbers(6).map((at) => flight(2020, at)), flight(2020, 7, none)]
  expect((await prepared(await files({ 'one.csv': csv(names, rows) }))).rows).toHaveLength(6)
})

test('a file of other columns than its neighbour is named', async () => {
  const rows = numbers(5).map((at) => flight(2020, at))
  const data = await files({
    'a.csv': csv(names, rows),
    'b.csv': csv(
      names.filter((name) => name !== 'Month'),
      rows,
    ),
  })
  const text = await refusal(data)
  expect(text).toContain("b.csv has no column 'Month', which ")
})

test('a table that is no known source must be told of', async () => {
  const data = await files({ 'own.csv': 'id,x,y\n1,2,3\n' })
  expect(await refusal(data)).toContain('is no source that is known by the names of its columns')
})
