/**
 * Text columns become numbers: a value's code is its rank, from 1, among all distinct values of its kind in byte order.
 *
 * Two loads of the same rows give the same codes whatever the order of the rows, every code is exact in a 32-bit float, and the
 * dictionary kept beside the data turns each code back.
 */
import { literal } from '../workload/identifier.ts'
import type { DuckDb } from './duckdb.ts'

/** More codes than a 32-bit float tells apart. */
export const mostCodes = 2 ** 24

/** Codes of one kind of values, kept in the database while the rows are written. */
export interface Coding {
  /** SQL that gives the code of a text. @param expression of a text that was there when the codes were made, or NULL */
  code(expression: string): string
  /** Each value's code, as JSON. */
  dictionary: string
}

/** @param values a query of one column of texts; NULL and texts of no length have no code */
export async function codingOf(db: DuckDb, name: string, values: string): Promise<Coding> {
  // An enumeration codes while rows stream by, and needs no join that could change their order.
  const type = `code_of_${name}`
  const known = `SELECT DISTINCT value FROM (${values}) AS found (value) WHERE value <> '' ORDER BY value`
  await db.run(`CREATE TYPE ${type} AS ENUM (${known})`)
  const [row] = await db.rows(
    `SELECT coalesce(to_json(map_from_entries(list((value, place) ORDER BY place))), '{}')::VARCHAR
     FROM (SELECT value, row_number() OVER () AS place FROM (SELECT unnest(enum_range(NULL::${type}))::VARCHAR AS value))`,
  )
  return {
    code: (expression) => `(enum_code(nullif(${expression}, ${literal('')})::${type}) + 1)`,
    dictionary: String(row?.[0]),
  }
}
