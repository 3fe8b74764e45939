/** k6 runs the scenarios by itself, with nothing but environment variables. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundle } from '../build/bundles.ts'
import { root } from '../build/paths.ts'
import { parseConnections } from '../gap/connections.ts'
import { readMeasurement } from '../gap/measurement.ts'
import { withClient } from '../targets/postgres/client.ts'
import { Stack } from '../targets/stack.ts'
import { answeringAlways, bothSides, k6Run } from './program.ts'
import { lenient, thresholdsIn } from './verdicts.ts'

const stack = new Stack({ asked: bothSides })
let environment: { POSTGRES_URL: string; PYTHON_URL: string }
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'scenarios '))
  for (const { work } of stack.steps) await work(() => {})
  environment = { POSTGRES_URL: stack.postgres?.url ?? '', PYTHON_URL: stack.service?.url ?? '' }
})
afterAll(async () => {
  await stack.stop()
  await rm(folder, { recursive: true })
})

const quick = { CLIENTS: '2', DURATION: '2' }

test.each([
  ['bundled', (name: string) => bundle(name)],
  ['as it is written', (name: string) => path.join(root, 'scenarios', `${name}.ts`)],
])('k6 runs each scenario, %s', async (_, place) => {
  const file = await thresholdsIn(folder, lenient)
  const env = { ...environment, ...quick, THRESHOLDS_FILE: file }
  const postgres = await k6Run(place('postgres-predict'), env)
  expect(postgres.output).toMatch(/sql_req_duration.*avg=/)
  expect(postgres.output).toMatch(/sql_req_failed.*0\.00%/)
  expect(postgres.code, postgres.output).toBe(0)
  const python = await k6Run(place('python-predict'), env)
  expect(python.output).toMatch(/http_req_failed.*0\.00%/)
  expect(python.code, python.output).toBe(0)
  const summary = path.join(folder, 'summary.json')
  const compared = await k6Run(place('compare'), {
    ...env,
    ...{ CLIENTS: '1,3', PAIRS: '1', BLOCK_SECONDS: '1', WARMUP_SECONDS: '1', SUMMARY_FILE: summary },
  })
  expect(compared.code, compared.output).toBe(0)
  const measured = await readMeasurement(summary)
  expect(measured.pairs.map(({ clients }) => clients)).toEqual([1, 3])
  // One opening for the warm-up and four in a block of a second, for one client and for three; each was then kept.
  expect(measured.premises.unpreparedClients).toBe(0)
})

test('new connections: each side answers twice in each round to each client', async () => {
  const summary = path.join(folder, 'connections.json')
  const { code, output } = await k6Run(bundle('connections'), {
    ...{ ...environment, CLIENTS: '1,3', ROUNDS: '2', SUMMARY_FILE: summary },
  })
  expect(code, output).toBe(0)
  const { series, sides } = parseConnections(await readFile(summary, 'utf8'))
  expect(sides).toEqual(['postgres', 'python'])
  expect(
    series.map(({ side, block, count, failed }) => `${side} ${block}: ${count}, ${failed}`).sort(),
  ).toEqual(
    sides.flatMap((side) =>
      [1, 3].flatMap((clients) =>
        [1, 2].flatMap((round) =>
          ['first', 'second'].map((moment) => `${side} ${clients}/${round}/${moment}: ${clients}, 0`),
        ),
      ),
    ),
  )
  // A backend loads the model for its first answer.
  const of = (moment: string) =>
    Math.min(
      ...series
        .filter(({ side, block }) => side === 'postgres' && block.endsWith(moment))
        .map(({ p50Ms }) => p50Ms ?? 0),
    )
  expect(of('first')).toBeGreaterThan(of('second'))
})

test('users of more clients hold no connection while fewer are measured', async () => {
  const summary = path.join(folder, 'few-first.json')
  const run = k6Run(bundle('compare'), {
    ...environment,
    THRESHOLDS_FILE: await thresholdsIn(folder, lenient),
    ...{ CLIENTS: '1,8', PAIRS: '1', BLOCK_SECONDS: '2', WARMUP_SECONDS: '1', SUMMARY_FILE: summary },
  })
  const seen = await withClient(environment.POSTGRES_URL, async (client) => {
    const counts: { at: number; connections: number }[] = []
    for (let ended = false; !ended; ) {
      const { rows } = await client.query(
        "SELECT count(*)::int AS connections FROM pg_stat_activity WHERE application_name = 'k6'",
      )
      counts.push({ at: performance.now(), connections: rows[0].connections })
      ended = await Promise.race([run.then(() => true), sleep(200).then(() => false)])
    }
    return counts
  })
  const { code, output } = await run
  expect(code, output).toBe(0)
  // One client for some seconds, then eight, who take milliseconds to connect. A closed connection's backend may be there
  // for a moment.
  const one = seen.find(({ connections }) => connections >= 1 && connections <= 2)
  const eight = seen.find(({ connections }) => connections >= 8)
  expect((eight?.at as number) - (one?.at as number)).toBeGreaterThan(1000)
  for (const { replaced } of (await readMeasurement(summary)).connections ?? []) expect(replaced).toBe(0)
})

test("k6's own thresholds end a scenario with 99", async () => {
  const file = await thresholdsIn(folder, (given) => {
    lenient(given)
    // A rate is bounded for one number of clients: that of this run.
    Object.assign(given.postgres, { clients: Number(quick.CLIENTS), minTps: 1e9 })
  })
  const { code, output } = await k6Run(bundle('postgres-predict'), {
    ...environment,
    ...quick,
    THRESHOLDS_FILE: file,
  })
  expect(code, output).toBe(99)
})

test.each([
  '[null]',
  '["12"]',
  '[1, 2]',
  '{}',
  'no JSON',
])('the answer %s is a failure, not a sample', async (answer) => {
  await answeringAlways(answer, async (url) => {
    const file = await thresholdsIn(folder, lenient)
    const env = { ...environment, ...quick, PYTHON_URL: url, THRESHOLDS_FILE: file, DURATION: '1' }
    const { code, output } = await k6Run(bundle('python-predict'), env)
    expect(output).toMatch(/✗ 'count==0' count=[1-9]/)
    expect(code, output).toBe(99)
  })
})

test.each([
  [{ POSTGRES_URL: '' }, 'POSTGRES_URL: is not set'],
  [{ POSTGRES_URL: 'mysql://me:secret@x' }, 'expected a URL that begins with postgres://'],
  [{ CLIENTS: '0' }, "CLIENTS: '0'; expected a whole number of at least 1"],
  [{ DURATION: 'long' }, "DURATION: 'long'; expected a number of seconds of at least 1"],
  [{ QUERY_MODE: 'fast' }, "QUERY_MODE: 'fast'; expected one of simple, extended, prepared"],
  [{ KEYS_FILE: '/no/such.json' }, '/no/such.json'],
])('k6 run with %j says what is wrong', async (wrong, expected) => {
  const { code, output } = await k6Run(bundle('postgres-predict'), { ...environment, ...quick, ...wrong })
  expect(output).toContain(expected)
  expect(output).not.toContain('secret')
  expect(code, output).toBe(107)
})
