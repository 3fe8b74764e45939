import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { fullSampleCapacityRun, sampleCapacityRun, unreachedCapacityRun } from './fixture.ts'
import { capacityReport } from './terminal.ts'
import { sentence, termInWords } from './words.ts'

const inOneLine = (text: string) => stripVTControlCharacters(text).replace(/\s+/g, ' ')

test('the capacities, their ratio and what they mean come first', () => {
  const text = inOneLine(capacityReport(sampleCapacityRun()))
  expect(text).toContain('postgres p99<10ms 4,120 [4,010, 4,230] 4,010')
  expect(text).toContain('postgres ÷ python 4.10× [3.90, 4.30]')
  expect(sentence(sampleCapacityRun())).toBe(
    'postgres holds p99<10ms up to 4,120 requests a second [4,010, 4,230], python up to 1,005 requests a second [980, 1,030]: postgres 4.10 times [3.90, 4.30] as much as python; all 2 thresholds hold.',
  )
  expect(text.indexOf('as much as python')).toBeLessThan(text.indexOf('Rates of postgres'))
})

test('a smaller first side is said from the other end', () => {
  const run = sampleCapacityRun()
  run.ratios = [{ side: 'postgres', last: 'python', median: 0.5, low: 0.4, high: 0.8 }]
  expect(sentence(run)).toContain('python 2.00 times [1.25, 2.50] as much as postgres')
})

test('each rate with its verdict, what was seen of each term, and the client', () => {
  const run = sampleCapacityRun()
  run.sides[0]?.rates[0]?.terms.push({ text: 'failures<0.1%', value: 0.0001, low: 0, high: 0.0003 })
  run.sides[0]?.rates[0]?.terms.push({ text: 'mean<2ms', value: 1.234, low: 1.1, high: 1.3 })
  const text = inOneLine(capacityReport(run))
  expect(text).toContain('2,884 ✓ holds 99.5 % [99.3, 99.7] 0.667 4.00 99.9 %')
  expect(text).toContain('failures<0.1% 0.01 % [0, 0.03]')
  expect(text).toContain('mean<2ms 1.23 ms [1.10, 1.30]')
  expect(text).toContain('4,532 ✗ crossed 97 % [96.8, 97.2]')
  expect(text).toContain('4,532/s: a backlog grows: each second the latency rises by 12 ms')
  // What the row has already is not told once more.
  expect(text).not.toContain('4,120/s: p99<10ms')
  expect(text).toContain('postgres 2,884 6 346,080 0.120 0.340 0 %')
})

test('what the client ended first is no capacity, and neither is what no rate confirmed', () => {
  const run = unreachedCapacityRun()
  const text = inOneLine(capacityReport(run))
  expect(text).toContain('at least 4,010, client-limited')
  expect(text).toContain('python: no rate confirmed')
  expect(sentence(run)).toBe(
    'postgres holds p99<10ms up to at least 4,010 requests a second, client-limited; of python no capacity is known: no rate confirmed; 1 of 2 thresholds undecided.',
  )
  // Neither the figure of an unconfirmed capacity nor the ratio of two.
  expect(text).not.toContain('1,005 [')
  expect(text).not.toContain('÷')
})

test('a side without a capacity says why', () => {
  const run = sampleCapacityRun()
  const [first] = run.sides
  if (first) Object.assign(first, { found: undefined, confirmed: undefined, none: 'crossed at every rate' })
  expect(sentence(run)).toMatch(
    /^Of postgres no capacity is known: crossed at every rate; python holds p99<10ms up to 1,005 /,
  )
})

test('what is used, what that means, what broke', () => {
  const run = sampleCapacityRun()
  run.premises = [{ name: 'keep-alive', holds: false, seen: '1000 connections', next: 'Keep them' }]
  Object.assign(run.verdict.checks[0] ?? {}, { outcome: 'undecided', why: 'client-limited' })
  const text = inOneLine(capacityReport(run))
  expect(text).toContain('postgres: server and backends 1.02 processors')
  expect(text).toContain('client: k6 0.81 processors')
  expect(text).toContain("At 4,010 requests a second of postgres, the machine's 2 processors are 96 % busy")
  expect(text).toContain('of its queries, waiting for LWLock:BufferMapping 20 %')
  expect(text).toContain('✗ keep-alive: 1000 connections → Keep them')
  expect(text).toContain('capacity.postgres.minRate: client-limited')
  expect(text).toContain('python 980 5 of 5')
})

test.each([sampleCapacityRun, fullSampleCapacityRun, unreachedCapacityRun])('%o fits 80 columns', (made) => {
  const run = made()
  for (const side of run.sides) side.objective = 'p99<10ms,p99.9<100ms,failures<0.1%'
  for (const row of run.sides[0]?.rates ?? [])
    row.terms[0] = { ...row.terms[0], text: 'p99<10ms', value: 0.99123, low: 0.98912, high: 0.99345 }
  const lines = stripVTControlCharacters(capacityReport(run)).split('\n')
  // The last line is one sentence that a terminal may wrap.
  expect(lines.slice(0, -1).filter((line) => line.length > 80)).toEqual([])
})

test('a figure of which there is none', () => {
  const none = { text: 'p99<1ms', value: Number.NaN, low: Number.NaN, high: Number.NaN }
  expect(termInWords(none)).toBe('-')
  expect(termInWords({ ...none, value: 0.5 })).toBe('50 %')
})

test('hosts and their cost, and what one fewer would do', () => {
  const run = fullSampleCapacityRun()
  const text = inOneLine(capacityReport(run))
  expect(text).toContain('50,000 predictions a second, 30 % headroom, 1 spare, prices in USD')
  // 50,000 ÷ (4,120 × 0.7) = 17.3 and one to spare; at the ends of the interval 16.9 and 17.8.
  expect(text).toContain('postgres 19 [18, 19] 63.9 % 67.4 % 6.46 4,716 0.03589')
  // 50,000 ÷ (17 × 4,120)
  expect(text).toContain('postgres: with 17 hosts left the demand is 71.4 % of each, which takes headroom')
  expect(text).toContain('postgres 1650 [1480, 1810] 0.333 [0.3, 0.367] 0 [0, 0]')
  expect(text).toContain('postgres: no highest throughput up to twice the clients that were measured')
  if (run.plan) run.plan.sides = [{ side: 'postgres', why: 'no number of hosts is enough' }]
  expect(inOneLine(capacityReport(run))).toContain('! postgres: no number of hosts is enough')
})

test('what fresh sessions did not hold is told with no rate, in the sentence as in the table', () => {
  const run = unreachedCapacityRun()
  const [first, last] = run.sides
  if (!first || !last) throw new Error('no sides')
  Object.assign(first, { unconfirmed: 'a backlog grows' })
  Object.assign(last, { confirmed: 980 })
  expect(sentence(run)).toMatch(
    /^Of postgres no capacity is known: at least 4,010, client-limited; not confirmed in fresh sessions: a backlog grows; python holds p99<10ms up to 1,005 /,
  )
})

test.each(['avg<2ms', 'Average < 2 ms', 'mean<2ms'])('%s is seen in milliseconds, and no share', (text) => {
  expect(termInWords({ text, value: 1.234, low: 1.1, high: 1.3 })).toBe('1.23 ms [1.10, 1.30]')
})

test('a broken premise leaves the sentence without a verdict', () => {
  const run = sampleCapacityRun()
  run.verdict = { checks: [], outcome: 'could not measure' }
  expect(sentence(run)).toMatch(/; a premise is broken, so that these figures mean nothing\.$/)
})
