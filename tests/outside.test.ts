/** The times and counts of a run, held against observers outside it; and stops that no latency would show. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle } from '../build/bundles.ts'
import { nullServerBinary, thresholdsFile } from '../build/paths.ts'
import { type Measurement, readMeasurement, type Spent, type Stage } from '../gap/measurement.ts'
import { hidden } from '../gap/outside.ts'
import { premisesOf } from '../gap/premises.ts'
import { postgresAddress } from '../targets/address/postgres.ts'
import { withClient } from '../targets/postgres/client.ts'
import { Stack } from '../targets/stack.ts'
import { type Hold, type Observer, observe } from './observer.ts'
import { k6Run } from './program.ts'

let folder: string
let nullServer: ChildProcess
const places: Record<'http' | 'postgres', { host: string; port: number }> = {
  http: { host: '', port: 0 },
  postgres: { host: '', port: 0 },
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'out side '))
  nullServer = spawn(nullServerBinary, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await once(nullServer.stdout as NodeJS.ReadableStream, 'data')
  for (const [protocol, address] of Object.entries(JSON.parse(String(said)) as Record<string, string>)) {
    const [host = '', port] = address.split(':')
    places[protocol as 'http' | 'postgres'] = { host, port: Number(port) }
  }
})
afterAll(async () => {
  nullServer.kill('SIGTERM')
  await rm(folder, { recursive: true })
})

interface Observed {
  measured: Measurement
  http: Observer
  sql: Observer
  /** Milliseconds since 1970, around k6. */
  began: number
  ended: number
}

/** Both protocols, each by way of an observer. */
async function observed(
  env: Record<string, string>,
  hold: { http?: Hold; sql?: Hold } = {},
): Promise<Observed> {
  const delay = 3
  const http = await observe(places.http, delay, hold.http)
  const sql = await observe(places.postgres, delay, hold.sql)
  const own = await mkdtemp(path.join(folder, 'run '))
  const [summary, keys] = [path.join(own, 'summary.json'), path.join(own, 'keys.json')]
  await writeFile(keys, JSON.stringify([1, 2, 3].map((day) => [1, 2013, 1, day])))
  try {
    const began = Date.now()
    const { code, output } = await k6Run(bundle('compare'), {
      NULL_POSTGRES_URL: `postgres://null@127.0.0.1:${sql.port}/null?sslmode=disable`,
      NULL_PYTHON_URL: `http://127.0.0.1:${http.port}/`,
      ...{ KEYS_FILE: keys, SUMMARY_FILE: summary, THRESHOLDS_FILE: thresholdsFile },
      ...{ SIDES: 'postgres:null,python:null', PAIRS: '1', BLOCK_SECONDS: '1', WARMUP_SECONDS: '1' },
      ...env,
    })
    const ended = Date.now()
    expect(code, output).toBe(0)
    return { measured: await readMeasurement(summary), http, sql, began, ended }
  } finally {
    await http.close()
    await sql.close()
  }
}

const spentIn = ({ time }: Measurement, key: string, stage: Stage): Spent[] =>
  (time?.spent ?? []).filter((each) => each.key === key && each.stage === stage)
const sum = (them: Spent[], of: 'count' | 'totalMs') => them.reduce((total, each) => total + each[of], 0)

/** What stood still for so long, in the stages that no figure holds. A busy machine keeps everybody waiting for less. */
const stoppedFor = (measured: Measurement, milliseconds: number) =>
  (measured.time?.spent ?? [])
    .filter(({ stage, largestMs }) => stage !== 'waiting' && (largestMs ?? 0) >= milliseconds)
    .map(({ key, stage }) => [key, stage])

/** A connection's first questions, the last nine of which are its settling. */
const firstQuestions = 10

test('what a run says of its times and counts is what was seen from outside', async () => {
  const { measured, http, sql, began, ended } = await observed({ CLIENTS: '1,3', PAIRS: '2' })
  const { time, startedAt, blocks } = measured
  const [session] = time?.sessions ?? []
  if (!time || !session) throw new Error('no time')

  // When it began and how long it took. Its clock and ours tick in milliseconds.
  const zero = Date.parse(startedAt)
  expect(session.startedAt).toBe(startedAt)
  expect(zero).toBeGreaterThanOrEqual(began - 2)
  expect(zero).toBeLessThanOrEqual(Math.min(...http.opened, ...sql.opened) + 2)
  const last = Math.max(...http.opened, ...sql.opened)
  expect(zero + session.lengthMs).toBeGreaterThan(last)
  expect(zero + session.lengthMs).toBeLessThanOrEqual(ended + 2)
  // The first connection is opened when the users have met, and nothing before.
  expect(zero + session.startupMs).toBeLessThanOrEqual(Math.min(...http.opened, ...sql.opened) + 2)
  for (const { turns } of blocks)
    for (const { endMs } of turns) {
      expect(endMs).toBeGreaterThan(0)
      expect(session.startupMs + endMs).toBeLessThanOrEqual(session.lengthMs)
    }

  // All of it is accounted for, but for a small rest that is shown.
  expect(session.accountedMs).toBeLessThanOrEqual(session.lengthMs * 1.001)
  expect(session.accountedMs / session.lengthMs).toBeGreaterThan(0.95)

  // Connections and questions, one by one.
  for (const [key, observer] of [
    ['python-null', http],
    ['postgres-null', sql],
  ] as const) {
    const opened = sum(spentIn(measured, key, 'opening'), 'count')
    expect(opened, key).toBe(observer.opened.length)
    expect(sum(spentIn(measured, key, 'settling'), 'count'), key).toBe(opened)
    expect(sum(spentIn(measured, key, 'closing'), 'count'), key).toBe(opened)
    for (const { key: side, clients, opened: asked, replaced } of measured.connections ?? []) {
      if (side !== key) continue
      const own = spentIn(measured, key, 'opening').filter(
        (each) => each.clients === clients && each.phase === 'measure',
      )
      expect(asked).toBe(sum(own, 'count'))
      expect(replaced).toBe(0)
    }
    const questions =
      opened * firstQuestions +
      sum(spentIn(measured, key, 'lead'), 'count') +
      sum(spentIn(measured, key, 'counted'), 'count')
    // A process asks for a database's settings and types once, on its first connection. What else the protocol says besides is the
    // same on each connection: of HTTP nothing.
    const once = key === 'postgres-null' ? 1 : 0
    const besides = (observer.messages - questions - once) / opened
    expect(Number.isInteger(besides), `${key}: ${observer.messages} messages, ${questions} questions`).toBe(
      true,
    )
    expect(besides).toBeGreaterThanOrEqual(0)
    expect(besides).toBeLessThan(key === 'python-null' ? 1 : 8)
    // The blocks hold those that count, once each.
    const own = blocks.filter((block) => block.key === key)
    const inBlocks = own.reduce((total, { ok, failed }) => total + ok.count + failed.count, 0)
    expect(inBlocks).toBe(
      sum(
        spentIn(measured, key, 'counted').filter(({ phase }) => phase === 'measure'),
        'count',
      ),
    )
    expect(inBlocks).toBe(
      own.reduce((total, { turns }) => total + turns.reduce((all, { requests }) => all + requests, 0), 0),
    )
    // No answer can come sooner than the observer saw one, nor a client be busy for less than its answers took.
    for (const { ok, windowMs, clients, tps, turns } of own) {
      expect(ok.minMs).toBeGreaterThanOrEqual(observer.leastMs)
      expect(ok.maxMs).toBeGreaterThanOrEqual(ok.p50Ms as number)
      expect(windowMs * clients).toBeGreaterThanOrEqual(ok.count * (ok.meanMs as number) * 0.999)
      expect(windowMs * clients).toBeCloseTo(
        turns.reduce((total, { busyMs }) => total + busyMs, 0),
        3,
      )
      expect(tps).toBeCloseTo((ok.count / windowMs) * 1000, 6)
    }
    // Whatever the observer saw a client wait for is in one of the stages, and not twice.
    const asking = (['opening', 'settling', 'lead', 'counted'] as const).reduce(
      (total, stage) => total + sum(spentIn(measured, key, stage), 'totalMs'),
      0,
    )
    expect(asking, key).toBeGreaterThanOrEqual(observer.answeringMs * 0.99)
  }
})

// All of them wait for their stop most of the time.
describe.concurrent('a stop of one side is told of, with its stage and how long it was', () => {
  const stopMs = 4000
  // Of HTTP each message is a question; of the other protocol some come before the first.
  const cases: [protocol: 'http' | 'sql', where: string, message: number, stages: Stage[]][] = [
    ['http', 'the first question', 0, ['opening']],
    ['http', 'a question while it settles', 5, ['settling']],
    ['http', 'the first request of a turn', firstQuestions, ['lead']],
    ['sql', 'the first word of a connection', 0, ['opening']],
    ['sql', 'a question while it settles', 8, ['settling']],
  ]
  test.each(cases)('over %s, at %s', async (protocol, _, message, stages) => {
    const hold = { connection: 2, message, milliseconds: stopMs }
    const seen = await observed({ CLIENTS: '1' }, { [protocol]: hold })
    const key = protocol === 'http' ? 'python-null' : 'postgres-null'
    const { heldMs } = seen[protocol]
    expect(heldMs).toBeGreaterThanOrEqual(stopMs * 0.99)
    const expected = stages.map((stage) => [key, stage])
    expect(stoppedFor(seen.measured, stopMs / 2)).toEqual(expected)
    expect(hidden(seen.measured).map((each) => [each.key, each.stage])).toEqual(
      expect.arrayContaining(expected),
    )
    const largest = Math.max(
      ...stages.flatMap((stage) => spentIn(seen.measured, key, stage).map(({ largestMs }) => largestMs ?? 0)),
    )
    // As long as the observer says, and not as long as the session.
    expect(largest).toBeGreaterThanOrEqual(heldMs * 0.99)
    expect(largest).toBeLessThan(heldMs * 1.5)
    const premise = premisesOf(seen.measured).find(({ name }) => name === 'outside the turns')
    expect(premise?.holds).toBe(false)
    expect(premise?.seen).toContain(`${key} at 1 client`)
    // In no figure: that is why.
    for (const { ok } of seen.measured.blocks) expect(ok.maxMs).toBeLessThan(stopMs)
  })

  test('one in a request that counts is in its figure, and in no other place', async () => {
    // Two clients: the other one waits, for which there is a reason.
    const hold = { connection: 4, message: firstQuestions + 12, milliseconds: stopMs }
    const { measured, http } = await observed({ CLIENTS: '2' }, { http: hold })
    const blocks = measured.blocks.filter(({ key }) => key === 'python-null')
    expect(http.heldMs).toBeGreaterThanOrEqual(stopMs * 0.99)
    const inFigure = Math.max(...blocks.map(({ ok }) => ok.maxMs ?? 0)) >= http.heldMs * 0.99
    const isTold = hidden(measured).some(({ key, stage }) => key === 'python-null' && stage === 'lead')
    const outside = stoppedFor(measured, stopMs / 2).filter(([, stage]) => stage !== 'counted')
    // By the machine's speed it is the first turn's request or the second's lead: one of both, never neither, never both.
    expect(outside).toEqual(inFigure ? [] : [['python-null', 'lead']])
    if (!inFigure) expect(isTold).toBe(true)
  })
})

describe('on the real parts', () => {
  const stack = new Stack()
  beforeAll(async () => {
    for (const { work } of stack.steps) await work(() => {})
  })
  afterAll(() => stack.stop())

  /** The numbers of the service's workers. */
  async function workers(): Promise<number[]> {
    const { stdout } = await execa('ps', ['-o', 'pid=', '--ppid', String(stack.service?.pid)])
    return stdout.split('\n').map(Number).filter(Boolean)
  }

  /** The service alone, by way of an observer, with something done to it when so many connections have been opened. */
  async function disturbed(
    clients: number,
    at: number,
    disturb: () => Promise<void>,
    seconds = 8,
  ): Promise<Measurement> {
    const { hostname, port } = new URL(String(stack.service?.url))
    const observer = await observe({ host: hostname, port: Number(port) })
    const summary = path.join(folder, 'disturbed.json')
    await rm(summary, { force: true })
    let isOver = false
    const run = k6Run(bundle('compare'), {
      PYTHON_URL: `http://127.0.0.1:${observer.port}/`,
      ...{
        SIDES: 'python',
        CLIENTS: String(clients),
        PAIRS: '1',
        BLOCK_SECONDS: String(seconds),
        WARMUP_SECONDS: '1',
      },
      ...{ SUMMARY_FILE: summary, THRESHOLDS_FILE: thresholdsFile },
    }).finally(() => {
      isOver = true
    })
    try {
      while (!isOver && observer.opened.length < at) await sleep(5)
      expect(isOver).toBe(false)
      await disturb()
      const { output } = await run
      return await readMeasurement(summary).catch((error) => {
        throw new Error(output, { cause: error })
      })
    } finally {
      await run
      await observer.close()
    }
  }

  const brokenBy = (measured: Measurement) =>
    premisesOf(measured)
      .filter(({ name, holds }) => !holds && ['keep-alive', 'outside the turns'].includes(name))
      .map(({ seen }) => seen)
      .join('\n')
  const failedIn = ({ blocks }: Measurement) => blocks.reduce((total, { failed }) => total + failed.count, 0)
  const longestIn = ({ blocks }: Measurement) => Math.max(...blocks.map(({ ok }) => ok.maxMs ?? 0))

  test('one of the workers stopped for 5 s is in a figure, or breaks a premise', async () => {
    const clients = 8
    // The warm-up's and two openings' connections; the third has begun.
    const measured = await disturbed(clients, 3 * clients + 1, async () => {
      const [worker] = await workers()
      if (!worker) throw new Error('no worker')
      process.kill(worker, 'SIGSTOP')
      try {
        await sleep(5000)
      } finally {
        process.kill(worker, 'SIGCONT')
      }
    })
    const told = hidden(measured).filter(({ key }) => key === 'python')
    if (longestIn(measured) < 4000 && failedIn(measured) === 0) {
      expect(told.length).toBeGreaterThan(0)
      expect(brokenBy(measured)).toMatch(/python at 8 clients: .* took \d+\.\d s/)
    }
  })

  test('a graceful reload is seen, as failures or as connections and time that are in no figure', async () => {
    const clients = 8
    const before = await workers()
    const reload = async () => {
      process.kill(Number(stack.service?.pid), 'SIGHUP')
      while ((await workers()).some((each) => before.includes(each))) await sleep(100)
    }
    // Longer than new workers take to start on a busy machine.
    const measured = await disturbed(clients, 3 * clients + 1, reload, 30)
    expect(`${failedIn(measured) || ''}${brokenBy(measured)}`).not.toBe('')
  })

  test('backends that Postgres ends while they are measured are told of', async () => {
    const url = String(stack.postgres?.url)
    await withClient(postgresAddress(url), async (client) => {
      const summary = path.join(folder, 'ended.json')
      await rm(summary, { force: true })
      const run = k6Run(bundle('compare'), {
        ...{ POSTGRES_URL: url, SIDES: 'postgres', CLIENTS: '2', PAIRS: '1', BLOCK_SECONDS: '8' },
        ...{ WARMUP_SECONDS: '1', THRESHOLDS_FILE: thresholdsFile, SUMMARY_FILE: summary },
      })
      let isOver = false
      void run.finally(() => {
        isOver = true
      })
      const backends = async () => {
        const { rows } = await client.query<{ pid: number }>(
          "SELECT pid FROM pg_stat_activity WHERE application_name = 'k6'",
        )
        return rows.map(({ pid }) => pid)
      }
      // The warm-up's come first. When they are gone and others are there, it is measured.
      const first = new Set<number>()
      let ended = 0
      while (!isOver && ended === 0) {
        const there = await backends()
        if (first.size < 2) for (const pid of there) first.add(pid)
        const later = there.filter((pid) => !first.has(pid))
        if (later.length === 2) {
          const { rows } = await client.query(
            'SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS backends (pid)',
            [later],
          )
          ended = rows.length
        } else await sleep(20)
      }
      const { output } = await run
      expect(ended, output).toBeGreaterThan(0)
      const measured = await readMeasurement(summary)
      expect(`${failedIn(measured) || ''}${brokenBy(measured)}`, output).not.toBe('')
    })
  })
})
