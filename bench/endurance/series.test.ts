import { expect, test } from 'vitest'
import { addFailure, sampleMeasurement } from '../../gap/fixture.ts'
import { endurancePage } from './page.ts'
import { type Look, mostHours, seriesOf, trendRows, verdictOf } from './series.ts'

/** Two hours, a look a minute. */
const looks = (part: string, megabytesAt: (hours: number) => number): Look[] =>
  Array.from({ length: 121 }, (_, minute) => ({
    part,
    hours: minute / 60,
    bytes: 1e6 * megabytesAt(minute / 60),
  }))

/** Two hours of pairs whose gap is told by the hour. */
function measured(gapAt: (hours: number) => number = () => 5) {
  const measurement = sampleMeasurement(Array.from({ length: 24 }, (_, pair) => gapAt((pair + 1) / 12)))
  for (const block of measurement.blocks)
    block.turns = [{ endMs: (block.pair / 12) * 3_600_000, requests: 1, busyMs: 1 }]
  return measurement
}

const steady = looks('k6', () => 200)

test('what stays as it is has nothing against it', () => {
  const series = seriesOf(steady, measured())
  expect(series.map(({ name }) => name)).toEqual(['k6', 'postgres', 'python', 'gap in TPS'])
  expect(series.map(({ isFlat }) => isFlat)).toEqual([true, true, true, true])
  expect(verdictOf(series, measured())).toEqual([])
})

test('a leak of 30 MB in an hour is told; the first tenth is not looked at', () => {
  const leaking = looks('python: feature store', (hours) => 300 + 30 * hours)
  expect(verdictOf(seriesOf([...steady, ...leaking], measured()), measured())).toEqual([
    'python: feature store changed by 54.0 MB over the run',
  ])
  const filling = looks('python: feature store', (hours) => (hours < 0.19 ? 1000 * hours : 190))
  expect(verdictOf(seriesOf([...steady, ...filling], measured()), measured())).toEqual([])
})

test.each([
  ['memory that is given back', (hours: number) => 400 - 60 * hours],
  ['less than 5 MB of a small process', (hours: number) => 10 + 2 * hours],
  ['less than 5 of 100 of a large one', (hours: number) => 2000 + 50 * hours],
])('%s is no leak', (_, megabytesAt) => {
  const series = seriesOf([...steady, ...looks('postgres: backends', megabytesAt)], measured())
  expect(verdictOf(series, measured())).toEqual([])
})

test.each([
  ['grows', (hours: number) => 5 + hours],
  ['shrinks', (hours: number) => 5 - hours],
])('a gap that %s is told', (_, gapAt) => {
  const measurement = measured(gapAt)
  expect(verdictOf(seriesOf(steady, measurement), measurement).join()).toMatch(/^gap in TPS changed by -?1.8/)
})

test('failures are told, and a k6 of 500 MB or more', () => {
  const measurement = measured()
  addFailure(measurement, 'python', 'measure', 'HTTP 500')
  const series = seriesOf(
    looks('k6', () => 500),
    measurement,
  )
  expect(verdictOf(series, measurement)).toEqual(['7 requests failed', 'k6 took 500 MB; expected below 500'])
})

test('a k6 whose memory nobody saw is told', () => {
  expect(verdictOf(seriesOf([], measured()), measured())).toEqual(['the memory of k6 was never seen'])
})

test('the page has each figure in a row and in the chart', () => {
  const series = seriesOf(steady, measured())
  const machine = {
    ...{ processor: 'P', cores: 2, memory: 1e9, system: 'Linux' },
  } as Parameters<typeof endurancePage>[2]
  const page = endurancePage(series, { hours: 1.6, elapsed: mostHours(steady), clients: 20 }, machine)
  for (const [name] of trendRows(series)) expect(page).toContain(`>${name}</t`)
  expect(page).toContain('<h1>Endurance: 2.00 h at 20 clients</h1>')
  expect(page).toContain('1.6 h of it inside blocks')
  expect(page).toContain('Over the hours, each from 0: k6, postgres, python, gap in TPS')
})

test('a run too short for a trend says so', () => {
  expect(trendRows(seriesOf(steady.slice(0, 1), measured()))[0]).toEqual([
    'k6, MB',
    '',
    '',
    '',
    '',
    'too short',
  ])
})
