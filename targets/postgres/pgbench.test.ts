import { expect, test } from 'vitest'
import { pgbenchScript, readPgbenchProgress } from './pgbench.ts'

const output = `pgbench (18.6)
progress: 1.0 s, 100.0 tps, lat 9.000 ms stddev 1.034, 1 failed
progress: 2.0 s, 0.0 tps, lat NaN ms stddev NaN, 0 failed
progress: 3.1 s, 4000.0 tps, lat 0.200 ms stddev 0.010, 2 failed
progress: 4.0 s, 2000.0 tps, lat 0.500 ms stddev 0.010, 0 failed
progress: 5.0 s, 9000.0 tps, lat 0.100 ms stddev 0.010, 4 failed
tps = 3020.0 (without initial connection time)
`

// pgbench takes what follows two hyphens for a comment up to the end of the line, and a variable in a comment for one that is bound.
test('a query goes to pgbench with its lines, without its comments, and with what stands in quotes as it is', () => {
  const query = `-- what a customer is worth, by $1
SELECT score, '--  $1 ''x'' /*' AS "the $2", $tag$ $1 $tag$ AS text -- of $1
FROM scores /* never $3,
  nor $4 */
WHERE id = $1 AND age::int > $2`
  const script = pgbenchScript(
    [
      [1, 30],
      [2, 40],
    ],
    query,
  )
  expect(script.slice(script.indexOf('SELECT'))).toBe(
    `SELECT score, '--  $1 ''x'' /*' AS "the $2", $tag$ $1 $tag$ AS text \u0020
FROM scores \u0020
WHERE id = :p1 AND age::int > :p2;
`,
  )
})

test('the seconds after the warm-up are those that count, each for as long as it was', () => {
  const { tps, failures } = readPgbenchProgress(output, 2, 4)
  expect(tps).toBeCloseTo((4000 * 1.1 + 2000 * 0.9) / 2, 6)
  expect(failures).toBe(2)
  // A second without an answer is one of no queries.
  expect(readPgbenchProgress(output, 1, 3).tps).toBeCloseTo(4400 / 2.1, 6)
})

test('a report that reaches into the warm-up does not count', () => {
  const late = output.replace('progress: 2.0', 'progress: 1.2').replace('progress: 3.1', 'progress: 3.2')
  expect(() => readPgbenchProgress(late, 2, 3)).toThrow('no TPS')
})

test('no such second is no figure', () => {
  expect(() => readPgbenchProgress(output, 5, 7)).toThrow('pgbench reported no TPS from 5 s to 7 s')
  expect(() => readPgbenchProgress('nonsense', 0, 2)).toThrow('nonsense')
})
