import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { CouldNotMeasure } from '../build/failure.ts'
import { askBeside, sampleMeasurement } from './fixture.ts'
import { parseMeasurement, parseProgress, predictingSides, readMeasurement, sideOf } from './measurement.ts'

type Json = Record<string, unknown>

/** Puts a value at a path as `blocks.0.tps`; undefined takes away what is there. */
function changed(place: string, value: unknown): string {
  const measurement = sampleMeasurement() as unknown as Json
  const parts = place.split('.')
  const last = parts.pop() as string
  const holder = parts.reduce((at, part) => at[part] as Json, measurement)
  if (value === undefined) delete holder[last]
  else holder[last] = value
  return JSON.stringify(measurement)
}

test('what the scenario hands over is taken as it is', () => {
  expect(parseMeasurement(JSON.stringify(sampleMeasurement()))).toEqual(sampleMeasurement())
})

const spent = (more: Json) => [
  {
    ...{ key: null, clients: 1, session: 1, phase: 'warmup', stage: 'waiting', count: 1, failed: 0 },
    ...{ totalMs: 2, medianMs: null, largestMs: 2, ...more },
  },
]
const failure = (more: Json) => [
  { key: 'python', clients: 1, session: 1, phase: 'lead', kind: 'time-out', count: 1, message: '', ...more },
]

/** Runs of before had not all of these; and where nothing can be said, null says so. */
test.each<[string, unknown]>([
  ['failures', undefined],
  ['connections', undefined],
  ['time', undefined],
  ['blocks.0.concurrency', null],
  ['blocks.0.ok.p99Ms', null],
  ['blocks.0.workers', { '7': 3 }],
  ['blocks.0.turns', [{ endMs: -1, requests: 1, busyMs: 0 }]],
  ['blocks.0.alone', sampleMeasurement().blocks[0]?.ok],
  ['settings.rate', 0],
  ['workload.asked.0.mode', 'simple'],
  ['workload.asked.0.mode', 'extended'],
  ['workload.asked.0.mode', undefined],
  ['workload.asked.0.role', 'null'],
  ['workload.asked.0.role', 'part'],
  ['workload.asked.1.until', 'row'],
  ['workload.asked.1.of', 'postgres'],
  // What nobody compared.
  ['premises.compared', null],
  ...['opening', 'warmup', 'lead', 'measure', 'beside'].map((phase): [string, unknown] => [
    'failures',
    failure({ phase }),
  ]),
  ...['opening', 'settling', 'lead', 'counted', 'waiting', 'closing'].map((stage): [string, unknown] => [
    'time.spent',
    spent({ stage }),
  ]),
  ['time.spent', spent({ phase: 'measure', key: 'python' })],
])('%s may be %j', (place, value) => {
  expect(() => parseMeasurement(changed(place, value))).not.toThrow()
})

test('failures that were not counted are none', () => {
  expect(parseMeasurement(changed('failures', undefined)).failures).toEqual([])
})

test.each<[string, unknown]>([
  ['version', 1],
  ['version', 2],
  ['scenario', 'other'],
  ['startedAt', 'yesterday'],
  ['settings.clients', [-1]],
  ['settings.clients', []],
  ['settings.sides', []],
  ['settings.pairs', 1.5],
  ['settings.sessions', undefined],
  ['settings.rate', -1],
  ['settings.pool', null],
  ['settings.blockSeconds', '2'],
  ['settings.warmupSeconds', undefined],
  ['settings.seed', 0.5],
  ['settings.sides', [1]],
  ['settings.beside', 'postgres-null'],
  ['settings.sides', ['postgres', 'nobody']],
  ['settings.beside', ['postgres-null']],
  ['workload', undefined],
  ['workload.name', undefined],
  ['workload.sides', 'postgres'],
  ['workload.asked', []],
  ['workload.asked.0.key', 1],
  ['workload.asked.0.base', undefined],
  ['workload.asked.0.protocol', 'grpc'],
  ['workload.asked.0.role', 'other'],
  ['workload.asked.0.mode', 'fast'],
  ['premises.unpreparedClients', -1],
  ['premises.wrongAnswers', undefined],
  ['premises.droppedArrivals', 0.5],
  ['premises.compared', undefined],
  ['premises.different', null],
  ['warmups.0.clients', undefined],
  ['warmups.0.session', -1],
  ['warmups.0.seconds', -1],
  ['warmups.0.steady', 'yes'],
  ['blocks.0.name', 1],
  ['blocks.0.key', undefined],
  ['blocks.0.phase', 'warmup'],
  ['blocks.1.clients', 1.5],
  ['blocks.0.pair', -1],
  ['blocks.0.session', undefined],
  ['blocks.0.windowMs', 0],
  ['blocks.0.tps', -1],
  ['blocks.0.ok', null],
  ['blocks.0.ok.count', -1],
  ['blocks.0.ok.minMs', -1],
  ['blocks.0.ok.meanMs', undefined],
  ['blocks.0.ok.histogram', 'AAAA'],
  ['blocks.0.failed', undefined],
  ['blocks.0.alone', 1],
  ['blocks.0.late', 1],
  ['blocks.0.concurrency', -1],
  ['blocks.0.turns', [{ endMs: 1, requests: 1 }]],
  ['blocks.0.turns', [{ endMs: '1', requests: 1, busyMs: 1 }]],
  ['blocks.0.turns', [{ endMs: 1, requests: -1, busyMs: 1 }]],
  ['blocks.0.turns', [{ endMs: 1, requests: 1, busyMs: -1 }]],
  ['blocks.0.workers', { a: -1 }],
  ['pairs.0.key', 1],
  ['pairs.0.clients', -1],
  ['pairs.0.pair', undefined],
  ['pairs.0.session', undefined],
  ...['tps', 'mean', 'p50', 'p95', 'p99'].map((figure): [string, unknown] => [`pairs.0.${figure}`, 0]),
  ['failures', failure({ phase: 'closing' })],
  ['failures', failure({ count: -1 })],
  ['failures', failure({ kind: 1 })],
  ['failures', failure({ key: null })],
  ['failures', failure({ message: undefined })],
  ['failures', failure({ clients: '1' })],
  ['failures', failure({ session: undefined })],
  ['connections', [{ key: 'a', clients: 1, session: 1, opened: 1 }]],
  ['connections', [{ key: 'a', clients: 1, session: 1, opened: -1, replaced: 0 }]],
  ['connections', [{ key: 1, clients: 1, session: 1, opened: 1, replaced: 0 }]],
  ['time.spent', spent({ stage: 'other' })],
  ['time.spent', spent({ phase: 'beside' })],
  ['time.spent', spent({ key: undefined })],
  ['time.spent', spent({ totalMs: -1 })],
  ['time.spent', spent({ failed: undefined })],
  ['time.spent', spent({ largestMs: '2' })],
  ['time.sessions.0.lengthMs', -1],
  ['time.sessions.0.startupMs', undefined],
  ['time.sessions.0.accountedMs', undefined],
  ['time.sessions.0.startedAt', 'then'],
])('%s that is %j is refused by its place', (place, value) => {
  const parse = () => parseMeasurement(changed(place, value), 'summary.json')
  expect(parse).toThrow(CouldNotMeasure)
  expect(parse).toThrow('summary.json has another form:\n  - ')
  // Places in lists are told as [0].
  const [root = '', ...rest] = place.split('.')
  expect(parse).toThrow(root)
  const last = rest.at(-1)
  if (last && Number.isNaN(Number(last))) expect(parse).toThrow(last)
})

test('a histogram that cannot be read is told as such, unless nothing is in it', () => {
  expect(() => parseMeasurement(changed('blocks.0.ok.histogram', 'AAAA'))).toThrow(
    'blocks[0].ok.histogram = "AAAA": expected an HdrHistogram (V2, compressed, base64)',
  )
  const empty = sampleMeasurement()
  expect(empty.blocks[0]?.failed).toMatchObject({ count: 0, histogram: '' })
  expect(() => parseMeasurement(JSON.stringify(empty))).not.toThrow()
})

test('where nothing was measured no threshold can hold, so that it is no measurement', () => {
  const parse = (change: (measurement: ReturnType<typeof sampleMeasurement>) => void) => () => {
    const measurement = sampleMeasurement()
    change(measurement)
    parseMeasurement(JSON.stringify(measurement))
  }
  expect(parse((m) => Object.assign(m.settings, { sides: [] }))).toThrow(
    'settings.sides = []: expected at least one',
  )
  expect(parse((m) => Object.assign(m.settings, { clients: [] }))).toThrow(
    'settings.clients = []: expected at least one',
  )
  expect(parse((m) => Object.assign(m.settings, { clients: [1, 5] }))).toThrow(
    'expected a block of postgres at 5 clients',
  )
  expect(
    parse((m) => {
      m.blocks = m.blocks.filter(({ key }) => key !== 'python')
    }),
  ).toThrow('expected a block of python at 1 clients')
  // What was asked beside the sides is no block of a side.
  expect(
    parse((m) => {
      for (const block of m.blocks) if (block.key === 'python') block.phase = 'beside'
    }),
  ).toThrow('expected a block of python at 1 clients')
})

test('what k6 did not write, or not whole, is told with where to look', async () => {
  for (const text of ['', '{', 'null'])
    expect(() => parseMeasurement(text, 'summary.json')).toThrow(
      /^summary\.json (cannot be read|has another form)/,
    )
  const error = (await readMeasurement('/no/such/summary.json').catch(
    (thrown: unknown) => thrown,
  )) as CouldNotMeasure
  expect(error).toBeInstanceOf(CouldNotMeasure)
  expect(error.message).toBe('/no/such/summary.json cannot be read')
  expect(error.hint).toBe("k6's log may say why")
  expect(error.cause).toBeInstanceOf(SyntaxError)
  expect(() => parseMeasurement('')).toThrow('what k6 handed over cannot be read')
})

test('a summary is read from its file', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'summary '))
  try {
    const file = path.join(folder, 'summary.json')
    await writeFile(file, JSON.stringify(sampleMeasurement()))
    expect(await readMeasurement(file)).toEqual(sampleMeasurement())
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('which sides predict is what their role says, whatever their names are', () => {
  const measurement = sampleMeasurement()
  const others = ['postgres-null', 'postgres-constant', 'postgres-fast', 'python-null', 'python-store']
  askBeside(measurement, ...others)
  expect(predictingSides(measurement)).toEqual(['postgres', 'python', 'postgres-fast'])
  Object.assign(sideOf(measurement, 'postgres'), { key: 'a-null' })
  measurement.settings.sides = ['a-null', 'python']
  expect(predictingSides(measurement)).toEqual(['a-null', 'python', 'postgres-fast'])
  expect(() => sideOf(measurement, 'nobody')).toThrow(new RangeError('the measurement knows no side nobody'))
})

test('progress is read where it is whole', () => {
  const progress = { clients: 1, pair: 2, pairs: 4, tps: { postgres: 1000.5, python: 200 } }
  expect(parseProgress(JSON.stringify(progress))).toEqual(progress)
  for (const change of [{ clients: -1 }, { pair: 'x' }, { pairs: undefined }, { tps: { a: 'x' } }])
    expect(parseProgress(JSON.stringify({ ...progress, ...change }))).toBeUndefined()
  for (const text of ['', '{"clients":', '[]', 'null']) expect(parseProgress(text)).toBeUndefined()
})
