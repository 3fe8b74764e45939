import { expect, test } from 'vitest'
import { sampleMeasurement } from '../gap/fixture.ts'
import { sampleRun } from './fixture.ts'
import { htmlReport } from './html/page.ts'
import { notes } from './notes.ts'
import { terminalReport } from './terminal.ts'
import { accountedInWords, allTimes, shortTimes } from './time.ts'

test('each side has seconds of a client and the longest of each stage, over all sessions', () => {
  const measurement = sampleMeasurement()
  // 5 openings of 4 ms each, 8 at most; another session's take longer.
  const [opening] = measurement.time?.spent ?? []
  if (opening) measurement.time?.spent.push({ ...opening, session: 2, totalMs: 980, largestMs: 900 })
  const [head, first] = shortTimes(measurement) ?? []
  expect(head).toEqual(['', 'postgres, s', 'longest ms', 'python, s', 'longest ms'])
  expect(first).toEqual(['opening connections', '1.00', '900', '0.020', '8.00'])
})

test('the mean of the clients counts, for they work at once', () => {
  const measurement = sampleMeasurement()
  const eight = (measurement.time?.spent ?? []).map((each) => ({ ...each, clients: 8 }))
  if (measurement.time) measurement.time.spent = eight.map((each) => ({ ...each, totalMs: 8000 }))
  expect(
    shortTimes(measurement)
      ?.slice(1)
      .map((row) => row[1]),
  ).toEqual(Array(6).fill('1.00'))
})

test('all of it stands in the whole table, warm-up and failures, too', () => {
  const measurement = sampleMeasurement()
  const [opening] = measurement.time?.spent ?? []
  if (opening) {
    const more = { session: 2, medianMs: 7, largestMs: 50, failed: 3 }
    measurement.time?.spent.push({ ...opening, ...more }, { ...opening, key: null, phase: 'warmup' })
  }
  const rows = allTimes(measurement)
  expect(rows[0]).toEqual([
    ...['postgres', '1', 'measured', 'opening connections'],
    ...['10', '3', '0.040', '4.00 to 7.00', '50.0'],
  ])
  expect(rows.at(-1)?.slice(0, 3)).toEqual(['all sides', '1', 'warm-up'])
})

test('both reports say how much is accounted for, and what stood still', () => {
  const run = sampleRun()
  expect(accountedInWords(run.measurement)).toMatch(/^99\.8 % of [\d.]+ s are/)
  const said = accountedInWords(run.measurement)
  expect(terminalReport(run)).toContain(said)
  expect(htmlReport(run)).toContain(said)
  delete run.measurement.time
  expect(terminalReport(run)).not.toContain('Outside the turns')
  expect(htmlReport(run)).not.toContain('Outside the turns')
})

test('a target that took long to wake up is noted', () => {
  const run = sampleRun()
  const [opening] = run.measurement.time?.spent ?? []
  if (opening) run.measurement.time?.spent.push({ ...opening, phase: 'warmup', largestMs: 3000 })
  expect(notes(run).join()).toContain(
    'postgres at 1 client, warm-up: opening a connection took 3.0 s, where half take 4 ms at most',
  )
})

test('what was not measured, or of which no side has any, is no figure', () => {
  const measurement = sampleMeasurement()
  const { time } = measurement
  const [opening] = time?.spent ?? []
  if (!time || !opening) throw new Error('no time')
  // A warm-up is no part of what was measured, and who rests does so beside all sides.
  time.spent.push({ ...opening, phase: 'warmup', totalMs: 1e6 }, { ...opening, key: null, stage: 'resting' })
  time.spent = time.spent.filter(({ key, stage }) => key !== 'python' || stage !== 'closing')
  expect(shortTimes(measurement)?.slice(1)).toEqual([
    ['opening connections', '0.020', '8.00', '0.020', '8.00'],
    ['their first questions', '0.030', '12.0', '0.030', '12.0'],
    ['leads of turns', '0.800', '2.00', '0.800', '2.00'],
    ['waiting for others', '0.016', '0.200', '0.016', '0.200'],
    ['closing connections', '0.005', '2.00', '', ''],
    // How long each took is told by latencies.
    ['requests that count', '4.00', '', '4.00', ''],
  ])
  const rows = allTimes(measurement)
  expect(rows.find(([key, , , what]) => key === 'python' && what === 'requests that count')).toEqual([
    ...['python', '1', 'measured', 'requests that count', '800', '0', '4.00', '', ''],
  ])
  expect(rows.at(-1)?.slice(0, 4)).toEqual(['all sides', '1', 'measured', 'resting until the next turn'])
})

test('of a run that did not look nothing is told', () => {
  const { time: _, ...measurement } = sampleMeasurement()
  expect(shortTimes(measurement)).toBeUndefined()
  expect(allTimes(measurement)).toEqual([])
  expect(accountedInWords(measurement)).toBe('')
})
