import { describe, expect, test } from 'vitest'
import { latenciesOf, sampleMeasurement } from './fixture.ts'
import { parseMeasurement } from './measurement.ts'

type Json = Record<string, unknown>

/** Parts of a measurement that not every run has, as k6 hands them over. */
const open = { rate: 99.5, due: 200, waited: 3, dropped: 1, growth: -0.001 }
const host = { name: 'db-1', ok: latenciesOf([1]), failed: latenciesOf([]) }
const part = {
  ...{ part: 1, of: 2, session: 1, startAt: '2026-01-02T03:04:05.000Z', turnMs: 100, turns: 40, late: 2 },
  skew: { key: 'postgres', aheadMs: -3.5, withinMs: 0.2 },
  machine: { host: 'load-1', cores: 4 },
  made: { program: 'a', workload: 'b', keys: 'c' },
}

/** A measurement that has all of them, with one thing changed: undefined takes it away. */
function changed(place: string, value: unknown): string {
  const measurement = structuredClone(sampleMeasurement()) as unknown as Json
  const [first] = measurement.blocks as Json[]
  const late = latenciesOf([2])
  Object.assign(first as Json, structuredClone({ open, late, alone: late, hosts: [host] }))
  measurement.parts = [structuredClone(part)]
  const names = place.split('.')
  const last = names.pop() as string
  const holder = names.reduce((at, name) => at[name] as Json, measurement)
  if (value === undefined) delete holder[last]
  else holder[last] = value
  return JSON.stringify(measurement)
}

test('all that a run may have is kept as it is', () => {
  const read = parseMeasurement(changed('blocks.0.name', 'c1_p1_postgres'))
  expect(read.blocks[0]).toMatchObject({ open, hosts: [host], late: { count: 1 }, alone: { count: 1 } })
  expect(read.parts).toEqual([part])
})

test.each<[string, unknown]>([
  ['parts', undefined],
  // No clock of others was asked.
  ['parts.0.skew', null],
  ['parts.0.late', 0],
  ['blocks.0.open', undefined],
  ['blocks.0.open.growth', 0.5],
  ['blocks.0.open.dropped', 0],
  ['blocks.0.late', undefined],
  ['blocks.0.hosts', undefined],
  ['blocks.0.hosts', []],
  ['workload.asked.0.size', 10],
  ['workload.asked.0.size', 1],
  ['workload.asked.0.mode', 'prepared'],
  ['time.spent.0.stage', 'resting'],
  ['warmups.0.seconds', 0],
  ['pairs', []],
])('%s may be %j', (place, value) => {
  expect(() => parseMeasurement(changed(place, value))).not.toThrow()
})

test.each<[string, unknown]>([
  ['workload.asked.0.size', 0],
  ['workload.asked.0.size', 1.5],
  ['workload.asked.0.until', 1],
  ['workload.asked.0.of', 1],
  ['blocks.0.open.rate', 0],
  ['blocks.0.open.rate', undefined],
  ['blocks.0.open.due', -1],
  ['blocks.0.open.waited', 0.5],
  ['blocks.0.open.dropped', undefined],
  ['blocks.0.open.growth', '0'],
  ['blocks.0.hosts.0.name', 1],
  ['blocks.0.hosts.0.ok', undefined],
  ['blocks.0.hosts.0.failed', {}],
  ['blocks.0.workers', undefined],
  ['parts', []],
  ['parts.0.part', 0],
  ['parts.0.of', 0],
  ['parts.0.session', undefined],
  ['parts.0.startAt', 'now'],
  ['parts.0.turnMs', 0],
  ['parts.0.turns', -1],
  ['parts.0.late', undefined],
  ['parts.0.skew', undefined],
  ['parts.0.skew.key', null],
  ['parts.0.skew.aheadMs', '1'],
  ['parts.0.skew.withinMs', -1],
  ['parts.0.machine', {}],
  ['parts.0.machine.host', undefined],
  ['parts.0.machine.cores', 0],
  ['parts.0.made', {}],
  ['parts.0.made.program', undefined],
  ['parts.0.made.workload', undefined],
  ['parts.0.made.keys', undefined],
  ['time.sessions', undefined],
  ['time.spent', undefined],
  ['time.sessions.0.session', 1.5],
  ['time.spent.0.count', -1],
  ['time.spent.0.clients', undefined],
  ['time.spent.0.medianMs', undefined],
  ['connections.0.session', undefined],
  ['connections.0.clients', undefined],
  ['settings', {}],
  ['premises', {}],
])('%s that is %j is refused', (place, value) => {
  expect(() => parseMeasurement(changed(place, value))).toThrow(' has another form:\n  - ')
})

describe('what is said of a measurement that does not belong together', () => {
  const said = (place: string, value: unknown) => {
    try {
      parseMeasurement(changed(place, value))
      return 'nothing'
    } catch (error) {
      return (error as Error).message
    }
  }

  test.each([
    ['settings.sides', ['postgres', 'python', 'nobody'], 'settings.sides[2] = "nobody"'],
    ['settings.beside', ['nobody'], 'settings.beside[0] = "nobody"'],
  ])('a key in %s that was not asked', (place, value, told) => {
    expect(said(place, value)).toContain(`${told}: expected a side that workload.asked tells of`)
  })

  test('a number of clients at which nothing was measured', () => {
    expect(said('settings.clients', [1, 7])).toMatch(
      /\n {2}- blocks = .*: expected a block of postgres at 7 clients/,
    )
  })
})
