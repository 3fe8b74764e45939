/**
 * Text columns become numbers: a value's code is its rank among all distinct values of its kind in byte order, from 1, or of
 * classes from 0.
 *
 * Two loads of the same rows give the same codes whatever the order of the rows, every code is exact in a 32-bit float, and the
 * dictionary kept beside the data turns each code back.
 */
import type { DuckDb } from './duckdb.ts'

/** Codes of one kind of values, kept in the database while the rows are written. */
export interface Coding {
  /** SQL that gives the code of a text. @param expression of a text that was there when the codes were made, or NULL */
  code(expression: string): string
  /** Each value's code, as JSON. */
  dictionary: string
}

export interface Ranking {
  /** Code of the first. */
  first: 0 | 1
  /** In byte order, or as the numbers that the texts are. */
  by: 'text' | 'number'
}

/**
 * @param values a query of one column of texts; NULL and texts of no length have no code
 */
export async function codingOf(
  db: DuckDb,
  name: string,
  values: string,
  { first, by }: Ranking = { first: 1, by: 'text' },
): Promise<Coding> {
  // An enumeration codes while rows stream by, and needs no join that could change their order.
  const type = `code_of_${name}`
  const known = `SELECT value FROM (${values}) AS found (value) WHERE value <> '' GROUP BY value
    ORDER BY ${by === 'number' ? 'value::DOUBLE' : 'value'}`
  await db.run(`CREATE TYPE ${type} AS ENUM (${known})`)
  const [row] = await db.rows(
    `SELECT coalesce(to_json(map_from_entries(list((value, place) ORDER BY place))), '{}')::VARCHAR
     FROM (SELECT value, row_number() OVER () - 1 + ${first} AS place FROM (SELECT unnest(enum_range(NULL::${type}))::VARCHAR AS value))`,
  )
  return {
    code: (expression) => `(enum_code(nullif(${expression}, '')::${type})::INTEGER + ${first})`,
    dictionary: String(row?.[0]),
  }
}
