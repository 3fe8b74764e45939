import { expect, test } from 'vitest'
import type { Dataset } from './dataset.ts'
import { flights } from './flights.ts'
import { constantQuery, predictBatchQuery, predictQuery } from './queries.ts'

/** Names that Postgres reserves, or that the query itself uses. */
const awkward: Dataset = {
  name: 'key',
  columns: [
    { name: 'Age', type: 'double precision' },
    { name: 'order', type: 'integer' },
    { name: 'y', type: 'real' },
    { name: 'position', type: 'text' },
    { name: 'a"b', type: 'bigint' },
  ],
  features: ['Age', 'order'],
  target: 'y',
  key: ['position', 'a"b'],
  task: 'regression',
  hyperparameters: {},
  testSize: 0.25,
}

const line = (query: string) => query.replaceAll(/\s+/g, ' ')

test("the flights' are the published benchmark's", () => {
  expect(line(predictQuery(flights))).toBe(
    "SELECT pgml.predict('flights', ARRAY[year, quarter, month, distance, dayofweek, dayofmonth, flight_number_operating_airline, originairportid, destairportid, tail_number]) AS prediction FROM flights WHERE originairportid = $1 AND year = $2 AND month = $3 AND dayofmonth = $4 LIMIT 1",
  )
  expect(predictBatchQuery(flights)).toContain(
    'FROM unnest($1::int[], $2::int[], $3::int[], $4::int[]) WITH ORDINALITY AS key (originairportid, year, month, dayofmonth, position)',
  )
  // Whole numbers become 32-bit floats by themselves.
  expect(predictBatchQuery(flights)).not.toContain('::real[]')
})

test('names are quoted where they must be, and none stands for two things', () => {
  expect(line(predictQuery(awkward))).toBe(
    `SELECT pgml.predict('key', ARRAY["Age", "order"]) AS prediction FROM key WHERE position = $1 AND "a""b" = $2 LIMIT 1`,
  )
  expect(line(predictBatchQuery(awkward))).toBe(
    line(`SELECT ARRAY(SELECT pgml.predict_batch('key', ARRAY(
      SELECT ARRAY[first."Age", first."order"]::real[]
      FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS key_ (position, "a""b", position_)
      CROSS JOIN LATERAL (SELECT * FROM key WHERE key.position = key_.position AND key."a""b" = key_."a""b" LIMIT 1) AS first
      ORDER BY position_))) AS predictions`),
  )
  expect(constantQuery(awkward)).toContain('VALUES ($1::text, $2::bigint)')
})
