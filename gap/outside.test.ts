import { expect, test } from 'vitest'
import { latenciesOf, sampleMeasurement } from './fixture.ts'
import type { Measurement, Spent, Stage } from './measurement.ts'
import { accountedShare, hidden, hiddenInWords, isWakingUp } from './outside.ts'
import { premisesOf } from './premises.ts'

const of = (measurement: Measurement, key: string, stage: Stage) =>
  measurement.time?.spent.find((each) => each.key === key && each.stage === stage) as Spent

const places = (measurement: Measurement) => hidden(measurement).map(({ key, stage }) => `${key} ${stage}`)

/** As if one of its kind had taken five seconds longer. */
function stalled(key: string, stage: Stage, ms = 5000): Measurement {
  const measurement = sampleMeasurement()
  const one = of(measurement, key, stage)
  one.largestMs = (one.largestMs ?? 0) + ms
  one.totalMs += ms
  return measurement
}

test('a sound run hides nothing', () => {
  expect(hidden(sampleMeasurement())).toEqual([])
})

test.each([
  'opening',
  'settling',
  'lead',
  'closing',
  'waiting',
] as const)('five seconds in %s are told of, with the side and how long', (stage) => {
  for (const key of ['postgres', 'python']) {
    const measurement = stalled(key, stage)
    expect(places(measurement)).toContain(`${key} ${stage}`)
    const premise = premisesOf(measurement).find(({ name }) => name === 'outside the turns')
    expect(premise?.holds).toBe(false)
    expect(premise?.seen).toContain(`${key} at 1 client: `)
    expect(premise?.seen).toMatch(/took 5\.0 s, where half take \d/)
  }
})

test('what a busy machine does to anyone is no stop', () => {
  for (const stage of ['opening', 'settling', 'lead', 'closing', 'waiting'] as const)
    expect(places(stalled('python', stage, 900))).toEqual([])
})

test('the more its kind takes, the more one may', () => {
  const measurement = sampleMeasurement()
  const opening = of(measurement, 'python', 'opening')
  Object.assign(opening, { medianMs: 600, largestMs: 3000, totalMs: 5 * 1200 })
  expect(places(measurement)).toEqual([])
  opening.largestMs = 4000
  expect(places(measurement)).toEqual(['python opening'])
})

test('where a stop hit most of few, what is usual is known from the warm-up and other sessions', () => {
  const measurement = stalled('python', 'opening')
  const opening = of(measurement, 'python', 'opening')
  measurement.time?.spent.push({ ...opening, phase: 'warmup', largestMs: 8 })
  opening.medianMs = 5000
  expect(places(measurement)).toEqual(['python opening'])
})

test('who waits for a request that counts has its reason in a figure', () => {
  const measurement = stalled('python', 'waiting')
  expect(places(measurement)).toEqual(['python waiting'])
  const [block] = measurement.blocks.filter(({ key }) => key === 'python')
  if (block) block.ok = latenciesOf([5, 5, 5100])
  expect(hidden(measurement)).toEqual([])
})

test('a wait of all sides is explained by what the users of any did', () => {
  const measurement = stalled('python', 'opening')
  const opening = of(measurement, 'python', 'opening')
  measurement.time?.spent.push({ ...opening, key: null, stage: 'waiting', medianMs: 0.1 })
  expect(places(measurement)).toEqual(['python opening'])
})

test('many small stops come to a large one', () => {
  const measurement = sampleMeasurement()
  const opening = of(measurement, 'python', 'opening')
  // None longer than a second, but two seconds more than three times as many medians.
  Object.assign(opening, { count: 100, medianMs: 4, largestMs: 800, totalMs: 3 * 400 + 2000 })
  expect(places(measurement)).toEqual(['python opening'])
  opening.totalMs = 3 * 400 + 900
  expect(places(measurement)).toEqual([])
  // A twentieth of what counts is little.
  opening.totalMs = 3 * 400 + 2000
  of(measurement, 'python', 'counted').totalMs = 41_000
  expect(places(measurement)).toEqual([])
})

test('failures that no figure holds', () => {
  const measurement = sampleMeasurement()
  of(measurement, 'python', 'settling').failed = 2
  expect(hidden(measurement).map(hiddenInWords)).toEqual([
    'python at 1 client: the first questions of a connection failed 2 of 5 times',
  ])
  const [block] = measurement.blocks.filter(({ key }) => key === 'python')
  if (block) block.failed = latenciesOf([1])
  expect(hidden(measurement)).toEqual([])
})

test('a target may wake up in its warm-up, and only there and then', () => {
  for (const stage of ['opening', 'settling', 'lead', 'counted', 'closing'] as const) {
    const measurement = sampleMeasurement()
    const usual = of(measurement, 'python', stage === 'counted' ? 'lead' : stage)
    measurement.time?.spent.push({ ...usual, stage, phase: 'warmup', medianMs: 5, largestMs: 5000 })
    const [found] = hidden(measurement)
    expect(found?.stage).toBe(stage)
    const isFirst = stage === 'opening' || stage === 'settling'
    expect(found && isWakingUp(found)).toBe(isFirst)
    expect(premisesOf(measurement).find(({ name }) => name === 'outside the turns')?.holds).toBe(isFirst)
  }
})

test('the share of all sessions that is accounted for', () => {
  const measurement = sampleMeasurement()
  expect(accountedShare(measurement)).toBeCloseTo(0.998)
  const [session] = measurement.time?.sessions ?? []
  if (session) measurement.time?.sessions.push({ ...session, session: 2, accountedMs: session.lengthMs / 2 })
  expect(accountedShare(measurement)).toBeCloseTo(0.749)
  delete measurement.time
  expect(accountedShare(measurement)).toBeUndefined()
})
