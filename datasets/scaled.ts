/**
 * As many flights as are wanted, made of the bundled ones.
 *
 * They come in years from 2013 on, none with more flights than the bundled year. Each takes airports, distance and flight number from
 * one flight; its aircraft from another; its day and its delay from a third: all three of the same airport, month and carrier. The first
 * ones are spread evenly over the bundled year, so that each year has its joint distribution; the others are drawn.
 *
 * All is arithmetic of whole numbers on the row's number and the seed, so that every machine makes the same rows, in whatever order
 * its threads work.
 */
import path from 'node:path'
import type { Progress } from '../build/step.ts'
import { quotedName } from '../workload/identifier.ts'
import { writePrepared } from './csv.ts'
import type { DuckDb } from './duckdb.ts'
import { withCodedFlights } from './nycflights13.ts'
import type { Prepared } from './prepared.ts'

export interface Scale {
  /** How many are wanted. */
  rows: number
  seed: number
}

const mask = 2 ** 32 - 1

/** A 32-bit number that hangs by every bit of the one given, and is given once for each: xors with itself shifted, and products. */
const mixing = `
  CREATE MACRO folded(x, shift) AS xor(x, x >> shift);
  CREATE MACRO spread(x, times) AS (x * times::UBIGINT) & ${mask}::UBIGINT;
  CREATE MACRO mixed(x) AS folded(spread(folded(spread(folded(x, 16), 2146121005), 15), 2221713035), 16);
  CREATE MACRO drawn(i, seed, turn, below) AS
    mixed(xor(mixed(xor(i::UBIGINT, mixed(seed::UBIGINT))), turn::UBIGINT)) % below::UBIGINT;`

/** What the rows are made of: `flight` in the order of the year, `mate` with those of a kind beside each other. */
async function makeParts(db: DuckDb, rows: string): Promise<number> {
  await db.run(mixing)
  await db.run(
    `CREATE TABLE flight AS SELECT *, row_number() OVER (ORDER BY place) - 1 AS number,
       min(mate) OVER kind AS first, count(*) OVER kind AS mates
     FROM (SELECT *, row_number() OVER (ORDER BY originairportid, month, carrier, place) - 1 AS mate FROM (${rows}))
     WINDOW kind AS (PARTITION BY originairportid, month, carrier)`,
  )
  await db.run('CREATE TABLE mate AS SELECT mate, tail_number, dayofmonth, depdelayminutes FROM flight')
  const [row] = await db.rows('SELECT count(*)::DOUBLE FROM flight')
  return Number(row?.[0])
}

/** The flights of one year. @param from number of its first row */
function yearQuery(year: number, from: number, until: number, bundled: number, seed: number): string {
  const another = (turn: number) => `flight.first + drawn(i, ${seed}, ${turn}, flight.mates)`
  return `SELECT i, ${year} AS year, quarter, month, distance,
      isodow(make_date(${year}, month, another_day.dayofmonth)) AS dayofweek, another_day.dayofmonth AS dayofmonth,
      flight_number_operating_airline, originairportid, destairportid,
      aircraft.tail_number AS tail_number, another_day.depdelayminutes AS depdelayminutes
    FROM range(${from}, ${until}) AS numbered (i)
    JOIN flight ON flight.number = (i - ${from}) * ${bundled} // ${until - from}
    JOIN mate AS aircraft ON aircraft.mate = ${another(1)}
    JOIN mate AS another_day ON another_day.mate = ${another(2)}`
}

/** The rows and everything beside them. */
export async function writeScaled(
  archive: string,
  prepared: Prepared,
  { rows: wanted, seed }: Scale,
  progress: Progress,
): Promise<void> {
  await withCodedFlights(archive, path.dirname(prepared.csv), async ({ db, rows, dictionaries }) => {
    const bundled = await makeParts(db, rows)
    const years = Math.ceil(wanted / bundled)
    const before = (year: number) => Math.floor((year * wanted) / years)
    const names = prepared.dataset.columns.map(({ name }) => quotedName(name)).join(', ')
    for (let year = 0; year < years; year++) {
      progress(`${before(year).toLocaleString('en')} of ${wanted.toLocaleString('en')} rows`)
      const made = yearQuery(2013 + year, before(year), before(year + 1), bundled, seed)
      const into = year === 0 ? 'CREATE TABLE scaled AS' : 'INSERT INTO scaled'
      await db.run(`${into} SELECT ${names} FROM (${made}) ORDER BY i`)
    }
    progress(`writing ${wanted.toLocaleString('en')} rows`)
    await writePrepared(db, prepared, 'SELECT * FROM scaled', dictionaries)
  })
}
