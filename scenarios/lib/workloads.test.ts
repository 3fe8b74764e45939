/** Whole comparisons of workloads that are not the flights. */
import { beforeEach, expect, test, vi } from 'vitest'
import { predictingSides } from '../../gap/measurement.ts'
import { type AnyKey, http, type Side, sql, type Workload, workload } from '../../workload/workload.ts'
import { simulatedRun } from '../in-node/run.ts'
import type { Answering } from '../in-node/world.ts'

beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))

/** Milliseconds by side; who is asked has its name as its host. */
type Times = Record<string, number>

const database = (name: string): Side<AnyKey> =>
  sql({ name, address: `${name.toUpperCase()}_URL`, query: 'SELECT $1', parameters: (key) => [key] })
const service = (name: string): Side<AnyKey> =>
  http({ name, address: `${name.toUpperCase()}_URL`, body: (key) => key })

async function run(
  sides: readonly Side<AnyKey>[],
  times: Times,
  env: Record<string, string> = {},
  more: Partial<Workload<AnyKey>> & { answerOf?: (host: string, key: unknown) => unknown } = {},
) {
  const { answerOf = () => 1, ...declared } = more
  const own = workload<AnyKey>({ name: 'own', keys: 'k', sides, ...declared })
  const addresses = Object.fromEntries(
    [...sides, ...(declared.beside ?? [])].map(({ name, address, protocol }) => [
      address,
      `${protocol === 'sql' ? 'postgres' : 'http'}://${name}/`,
    ]),
  )
  const answer: Answering = (to, key) => {
    if (to.includes('pg_prepared_statements')) return { ms: 0, value: [{ statements: 1 }] }
    const host = /:\/\/([^/]+)\//.exec(to)?.[1] ?? ''
    return { ms: times[host] as number, value: answerOf(host, key) }
  }
  const keys = JSON.stringify(['a', 'b', 'c'])
  const all = { ...addresses, PAIRS: '1', ...env }
  return simulatedRun(answer, all, { 'keys.json': keys }, { workload: own })
}

const ratiosOf = ({ measurement }: Awaited<ReturnType<typeof run>>) =>
  Object.fromEntries(measurement.pairs.map(({ key, tps, mean }) => [key, [tps, mean]]))
const ratesOf = ({ measurement }: Awaited<ReturnType<typeof run>>) =>
  Object.fromEntries(measurement.blocks.map(({ key, tps }) => [key, tps]))

test('of three sides the first two are compared with the last', async () => {
  const done = await run([database('old'), service('blue'), database('base')], { old: 1, blue: 2, base: 4 })
  expect(ratesOf(done)).toEqual({ old: 1000, blue: 500, base: 250 })
  expect(ratiosOf(done)).toEqual({ old: [4, 4], blue: [2, 2] })
  const { workload: told, premises, failures } = done.measurement
  expect(told).toEqual({
    name: 'own',
    sides: ['old', 'blue', 'base'],
    asked: [
      { key: 'old', base: 'old', protocol: 'sql', role: 'predict', mode: 'prepared' },
      { key: 'blue', base: 'blue', protocol: 'http', role: 'predict' },
      { key: 'base', base: 'base', protocol: 'sql', role: 'predict', mode: 'prepared' },
    ],
  })
  expect(premises).toMatchObject({ compared: 40, different: 0, wrongAnswers: 0 })
  expect(failures).toEqual([])
})

test('two databases', async () => {
  const done = await run([database('index'), database('none')], { index: 1, none: 5 })
  expect(ratiosOf(done)).toEqual({ index: [5, 5] })
  expect(done.world.opened.filter(({ address }) => address.startsWith('postgres://none/'))).not.toEqual([])
})

test('two services, of which the first is the slower one', async () => {
  expect(ratiosOf(await run([service('new'), service('old')], { new: 5, old: 1 }))).toEqual({
    new: [0.2, 0.2],
  })
})

test('one side alone has everything but ratios and answers to compare', async () => {
  const done = await run([database('rows')], { rows: 4 }, { CLIENTS: '1,3' })
  expect(done.measurement.pairs).toEqual([])
  expect(done.measurement.blocks.map(({ key, clients, tps }) => [key, clients, tps > 0])).toEqual([
    ['rows', 1, true],
    ['rows', 3, true],
  ])
  expect(done.measurement.premises).toMatchObject({ compared: 0, different: 0, unpreparedClients: 0 })
  expect(done.measurement.warmups.map(({ clients }) => clients)).toEqual([1, 3])
})

test('a side against itself, at another address, and in another mode', async () => {
  const done = await run(
    [database('one'), database('two')],
    { one: 1, two: 2, other: 4 },
    { SIDES: 'one,one@OTHER_URL,one:simple,two', OTHER_URL: 'postgres://other/' },
  )
  expect(ratesOf(done)).toEqual({ one: 1000, one_2: 250, 'one-simple': 1000, two: 500 })
  expect(ratiosOf(done)).toEqual({ one: [2, 2], one_2: [0.5, 0.5], 'one-simple': [2, 2] })
  expect(done.measurement.workload.asked.map(({ key, base, mode }) => [key, base, mode])).toEqual([
    ['one', 'one', 'prepared'],
    ['one_2', 'one', 'prepared'],
    ['one-simple', 'one', 'simple'],
    ['two', 'two', 'prepared'],
  ])
})

test('parts of the way and null operations are measured beside, and compared with nobody', async () => {
  const ping = http({
    ...{ name: 'ping', address: 'PING_URL', role: 'part' as const, of: 'blue', until: 'HTTP' },
  })
  const done = await run(
    [service('blue'), service('green')],
    { blue: 2, green: 4, ping: 1, nothing: 0.5 },
    { BESIDE: 'blue:null,ping', NULL_BLUE_URL: 'http://nothing/' },
    { beside: [ping], answerOf: (host) => (host === 'nothing' ? 'nothing at all' : host === 'ping' ? 7 : 1) },
  )
  expect(ratesOf(done)).toEqual({ blue: 500, green: 250, 'blue-null': 2000, ping: 1000 })
  expect(ratiosOf(done)).toEqual({ blue: [2, 2] })
  expect(done.measurement.workload.asked.slice(2)).toEqual([
    { key: 'blue-null', base: 'blue', protocol: 'http', role: 'null', of: 'blue' },
    { key: 'ping', base: 'ping', protocol: 'http', role: 'part', of: 'blue', until: 'HTTP' },
  ])
  expect(predictingSides(done.measurement)).toEqual(['blue', 'green'])
  expect(done.measurement.premises).toMatchObject({ compared: 40, different: 0, wrongAnswers: 0 })
})

test.each<[string, Partial<Workload<AnyKey>>, unknown, unknown, number | null]>([
  ['texts', { answer: 'text' }, 'churns', 'Churns', 40],
  ['texts by a function', { answer: 'text', compare: sameLetters }, 'churns', 'Churns', 0],
  ['truth', { answer: 'truth' }, true, false, 40],
  ['lists', { answer: 'numbers' }, [1, 2], [1, 2.000001], 0],
  ['lists that must be equal', { answer: 'numbers', compare: 'equal' }, [1, 2], [1, 2.000001], 40],
  ['what cannot be compared', { compare: false }, 1, 2, null],
])('answers that are %s', async (_, more, first, second, different) => {
  const done = await run(
    [service('blue'), database('green')],
    { blue: 1, green: 1 },
    {},
    {
      ...more,
      answerOf: (host) => (host === 'blue' ? first : second),
    },
  )
  expect(done.measurement.premises).toMatchObject(
    different === null ? { compared: null, different: 0 } : { compared: 40, different },
  )
  expect(done.measurement.failures).toEqual([])
})

function sameLetters(a: string, b: string) {
  return a.toLowerCase() === b.toLowerCase()
}

test('all are asked the same keys, however they are drawn', async () => {
  for (const draw of ['even', 'in order', { zipf: 1.1 }] as const) {
    const asked: Record<string, string[]> = { blue: [], green: [] }
    await run(
      [service('blue'), database('green')],
      { blue: 1, green: 1 },
      {},
      {
        draw,
        answerOf: (host, key) => {
          asked[host]?.push(typeof key === 'string' ? (JSON.parse(key) as string) : (key as string[]).join())
          return 1
        },
      },
    )
    // The ten questions after each connecting.
    expect(asked.blue?.slice(0, 10)).toEqual(asked.green?.slice(0, 10))
    expect(new Set(asked.blue)).toEqual(new Set(['a', 'b', 'c']))
  }
})

test('plain k6 tells each ratio with its side', async () => {
  const done = await run([database('old'), service('blue'), database('base')], { old: 1, blue: 2, base: 4 })
  const { shortTable } = await import('./table.ts')
  const lines = shortTable(done.measurement).split('\n')
  expect(lines.filter((line) => /^ +1 +1 +4\.00/.test(line))).toEqual([expect.stringMatching(/ old$/)])
  expect(lines.filter((line) => /^ +1 +1 +2\.00/.test(line))).toEqual([expect.stringMatching(/ blue$/)])
})

test('samples for k6 carry side and number of clients', async () => {
  await run([database('old'), service('blue'), database('base')], { old: 1, blue: 2, base: 4 })
  const { teardown } = await import('../compare.ts')
  const { world } = await import('../in-node/world.ts')
  world.metrics.length = 0
  teardown()
  const seen = world.metrics.map(({ name, value, tags }) => [
    name,
    tags.side,
    tags.clients,
    Math.round(value),
  ])
  expect(seen).toEqual(
    expect.arrayContaining([
      ['tps', 'old', '1', 1000],
      ['tps', 'base', '1', 250],
      ['gap_tps_ratio', 'old', '1', 4],
      ['gap_tps_ratio', 'blue', '1', 2],
      ['gap_latency_p99_ratio', 'blue', '1', 2],
    ]),
  )
  expect(seen.filter(([name, side]) => String(name).startsWith('gap') && side === 'base')).toEqual([])
})
