/** Stops that no latency would show, and what is told of them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle } from '../build/bundles.ts'
import { thresholdsFile } from '../build/paths.ts'
import { type Measurement, readMeasurement, type Stage } from '../gap/measurement.ts'
import { hidden } from '../gap/outside.ts'
import { premisesOf } from '../gap/premises.ts'
import { postgresAddress } from '../targets/address/postgres.ts'
import { withClient } from '../targets/postgres/client.ts'
import { Stack } from '../targets/stack.ts'
import { firstQuestions, observed, spentIn, sum, withNullServers } from './observed.ts'
import { observe } from './observer.ts'
import { bothSides, k6Run } from './program.ts'
import { lenient, thresholdsIn } from './verdicts.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'out side '))
})
afterAll(() => rm(folder, { recursive: true }))
withNullServers()

/** What stood still for so long, in the stages that no figure holds. A busy machine keeps everybody waiting for less. */
const stoppedFor = (measured: Measurement, milliseconds: number) =>
  (measured.time?.spent ?? [])
    .filter(({ stage, largestMs }) => stage !== 'waiting' && (largestMs ?? 0) >= milliseconds)
    .map(({ key, stage }) => [key, stage])

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
  const stack = new Stack({ asked: bothSides })
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
    const measured = await disturbed(clients, 3 * clients + 1, reload, 20)
    expect(`${failedIn(measured) || ''}${brokenBy(measured)}`).not.toBe('')
  })

  test('Postgres itself counts as many questions as the run does', async () => {
    const url = String(stack.postgres?.url)
    await withClient(postgresAddress(url), async (client) => {
      // Each question looks once into the table's index. A backend tells its counts when it ends.
      const looks = async () => {
        const { rows } = await client.query<{ looks: string; backends: string }>(
          `SELECT (SELECT sum(idx_scan) FROM pg_stat_user_tables WHERE relname = 'flights') AS looks,
            (SELECT count(*) FROM pg_stat_activity WHERE application_name = 'k6') AS backends`,
        )
        return { looks: Number(rows[0]?.looks), backends: Number(rows[0]?.backends) }
      }
      const summary = path.join(folder, 'counted.json')
      const before = await looks()
      const { code, output } = await k6Run(bundle('compare'), {
        ...{ POSTGRES_URL: url, SIDES: 'postgres', CLIENTS: '1,3', PAIRS: '2', BLOCK_SECONDS: '1' },
        ...{
          WARMUP_SECONDS: '1',
          THRESHOLDS_FILE: await thresholdsIn(folder, lenient),
          SUMMARY_FILE: summary,
        },
      })
      expect(code, output).toBe(0)
      while ((await looks()).backends > 0) await sleep(50)
      const { looks: after } = await looks()
      const measured = await readMeasurement(summary)
      const asked = sum(
        (['lead', 'counted'] as const).flatMap((stage) => spentIn(measured, 'postgres', stage)),
        'count',
      )
      const opened = sum(spentIn(measured, 'postgres', 'opening'), 'count')
      expect(asked).toBeGreaterThan(0)
      expect(after - before.looks).toBe(asked + opened * firstQuestions)
    })
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
