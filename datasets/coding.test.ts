/** Codes of texts: a model has learned from them, so that the same text must always be the same number. */
import { expect, test } from 'vitest'
import { codingOf, type Ranking } from './coding.ts'
import { withDuckDb } from './duckdb.ts'

const coded = (texts: string, ranking?: Ranking) =>
  withDuckDb(async (db) => {
    await db.run(`CREATE TABLE given AS SELECT unnest([${texts}]::VARCHAR[]) AS t`)
    const { code, dictionary } = await codingOf(db, '7', 'SELECT t FROM given', ranking)
    const rows = await db.rows(`SELECT ${code('t')} FROM given`)
    return { codes: rows.map(([each]) => each), dictionary: JSON.parse(dictionary) }
  })

test.each<[string, string, Ranking | undefined, unknown[], object]>([
  // By their bytes: B is 42, b 62, é C3 A9. Where there is no text there is no code.
  [
    'in byte order from 1',
    "'b', 'é', 'B', '', NULL, 'b'",
    undefined,
    [2, 3, 1, null, null, 2],
    { B: 1, b: 2, é: 3 },
  ],
  ['as texts from 0', "'10', '9'", { first: 0, by: 'text' }, [0, 1], { 10: 0, 9: 1 }],
  [
    'as the numbers that they are',
    "'10', '9', '9.5'",
    { first: 0, by: 'number' },
    [2, 0, 1],
    { 9: 0, 9.5: 1, 10: 2 },
  ],
  ['that are none', "'', NULL", undefined, [null, null], {}],
])('texts %s', async (_, texts, ranking, codes, dictionary) => {
  expect(await coded(texts, ranking)).toEqual({ codes, dictionary })
})
