/** Requests that are due at a rate, whether or not the answers before them have come: on the real parts, and by k6 alone. */
import { statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle } from '../build/bundles.ts'
import { exitCode } from '../cli/exit-codes.ts'
import { readMeasurement } from '../gap/measurement.ts'
import { hiddenStalls } from '../gap/omission.ts'
import { Stack } from '../targets/stack.ts'
import { bothSides, inferenceGap, k6Run } from './program.ts'
import { expectCode, left, lenient, short, thresholdsIn } from './verdicts.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'open model '))
})
afterAll(() => rm(folder, { recursive: true }))

test('a rate can be a share of what the slower target serves', async () => {
  const ended = await inferenceGap(
    ...['compare', ...short, '--clients', '20', '--rate', '50%'],
    ...['--thresholds', await thresholdsIn(folder, lenient)],
  )
  const { output } = ended
  const run = await left(output)
  expectCode(ended, exitCode.pass, run)
  const { offered, measurement, verdict } = run
  expect(offered).toMatchObject({ share: 0.5, of: 'python', clients: 20 })
  expect(measurement.settings.rate).toBe(Math.round((offered?.capacity as number) / 2))
  expect(output.replace(/\s+/g, ' ')).toContain('requests a second that python served to 20 clients')
  // As much as was offered, unless a machine that has become slower since could not take all of it.
  const { rate } = measurement.settings
  for (const { tps, key } of verdict.figures) {
    expect(tps, key).toBeLessThan(rate + 0.5)
    if (measurement.premises.droppedArrivals === 0) expect(tps, key).toBeCloseTo(rate, 0)
  }
})

// Threads that slept until the next arrival once kept Go's processors from answers that had come: each virtual user was under
// way all the time, so that a latency was what a hundred arrivals take. The rate is far below what a busy machine can serve.
test('who waits for the next arrival holds up no answer', async () => {
  const rate = 300
  const clients = 100
  const ended = await inferenceGap(
    'compare',
    ...['--clients', String(clients), '--rate', String(rate)],
    ...['--sessions', '1', '--pairs', '3', '--block', '1', '--warmup', '1', '--looks', '1'],
    ...['--thresholds', await thresholdsIn(folder, lenient)],
  )
  const { output } = ended
  const run = await left(output)
  expectCode(ended, exitCode.pass, run)
  const blocks = run.measurement.blocks.filter(({ key, phase }) => key === 'postgres' && phase === 'measure')
  expect(blocks).toHaveLength(3)
  for (const { ok } of blocks) expect(ok.p50Ms, output).toBeLessThan(((clients / rate) * 1000) / 2)
})

describe('by k6 alone', () => {
  const stack = new Stack({ asked: bothSides })
  let environment: { POSTGRES_URL: string; PYTHON_URL: string }
  beforeAll(async () => {
    for (const { work } of stack.steps) await work(() => {})
    environment = { POSTGRES_URL: stack.postgres?.url ?? '', PYTHON_URL: stack.service?.url ?? '' }
  })
  afterAll(() => stack.stop())

  /** Ends all of the service's workers' work for a while, as a long garbage collection or a stopped machine does. */
  async function stall(seconds: number): Promise<void> {
    const { stdout } = await execa('ps', ['-o', 'pid=', '--ppid', String(stack.service?.pid)])
    const workers = stdout.split('\n').map(Number)
    for (const worker of workers) process.kill(worker, 'SIGSTOP')
    await sleep(seconds * 1000)
    for (const worker of workers) process.kill(worker, 'SIGCONT')
  }

  /** The service alone, in the open or the closed model, stalled for a second in the midst of its second block. */
  async function stalledOnce(env: Record<string, string>, times: number, opening: number) {
    const summary = path.join(folder, 'stalled.json')
    const progress = path.join(folder, 'progress.json')
    await rm(progress, { force: true })
    const run = k6Run(bundle('compare'), {
      ...environment,
      THRESHOLDS_FILE: await thresholdsIn(folder, lenient),
      ...{ SIDES: 'python', PAIRS: '2', BLOCK_SECONDS: '10', WARMUP_SECONDS: '1' },
      ...{ SUMMARY_FILE: summary, PROGRESS_FILE: progress },
      ...env,
    })
    // The first block is over, however long k6 took to start, to connect and to warm up: the second begins.
    const began = await Promise.race([
      run.then(() => false),
      (async () => {
        // k6 tries the file before the test, and leaves it empty.
        while (!statSync(progress, { throwIfNoEntry: false })?.size) await sleep(50)
        return true
      })(),
    ])
    expect(began, began ? '' : (await run).output).toBe(true)
    // Its connections are opened first, of which the open model has many.
    await sleep(opening * 1000)
    for (let time = 1; time <= times; time++) {
      await stall(1)
      await sleep(970)
    }
    const { code, output } = await run
    expect(code, output).toBe(0)
    const measured = await readMeasurement(summary)
    const block = measured.blocks.find(({ pair }) => pair === 2)
    expect(block?.failed.count).toBe(0)
    // Each stall is met by one request that finds no other on its way; of as few as a busy service answers it is more than a hundredth.
    const isHiddenIn = (requests: number) => requests > 150 * times
    const { p99Ms, maxMs, count = 0 } = block?.ok ?? {}
    return { p99: p99Ms as number, isMet: (maxMs ?? 0) > 500, count, isHiddenIn, measured }
  }

  /** Again where none fell among what counts: a busy service spends much of its time on first questions of connections. */
  async function stalled(...how: Parameters<typeof stalledOnce>) {
    let found = await stalledOnce(...how)
    for (let again = 1; again <= 4 && !found.isMet; again++) found = await stalledOnce(...how)
    expect(found.isMet).toBe(true)
    return found
  }

  // A hundred arrivals fall into a second: the latest of the worst hundredth of all has waited for most of it. With one client it
  // is met by one request each time, of thousands. Half of the second lies between the two, whatever else the machine does.
  test('a stall of a second shows in p99 of the open model and not of the closed one', async () => {
    // On a busy machine its connections are open later, on a quiet one the block begins at once: one of these falls into it.
    const open = await stalled({ RATE: '100', MAX_CLIENTS: '200' }, 7, 3)
    expect(open.p99).toBeGreaterThan(500)
    const alone = open.measured.blocks.reduce((sum, block) => sum + (block.alone?.count ?? 0), 0)
    if (open.isHiddenIn(alone)) {
      const [hidden] = hiddenStalls(open.measured)
      expect(hidden?.key).toBe('python')
      expect(hidden?.closedP99Ms).toBeLessThan(open.p99)
    }
    const closed = await stalled({ CLIENTS: '1' }, 4, 1.5)
    if (closed.isHiddenIn(closed.count)) expect(closed.p99).toBeLessThan(500)
  })

  test('in the open model each arrival that was due is counted', async () => {
    const summary = path.join(folder, 'open.json')
    const { code, output } = await k6Run(bundle('compare'), {
      ...environment,
      THRESHOLDS_FILE: await thresholdsIn(folder, lenient),
      ...{
        RATE: '100',
        MAX_CLIENTS: '20',
        PAIRS: '1',
        BLOCK_SECONDS: '2',
        WARMUP_SECONDS: '1',
        SUMMARY_FILE: summary,
      },
    })
    expect(code, output).toBe(0)
    const { blocks, pairs, premises } = await readMeasurement(summary)
    let asked = 0
    // Two turns of a second.
    for (const { ok, failed, tps } of blocks) {
      expect(ok.count + failed.count).toBeLessThanOrEqual(200)
      expect(tps).toBeLessThan(100 + 1e-6)
      asked += ok.count + failed.count
    }
    // An arrival that found none of the users free is counted, too.
    expect(asked + premises.droppedArrivals).toBeGreaterThanOrEqual(200 * blocks.length)
    expect(pairs).toHaveLength(1)
  })
})
