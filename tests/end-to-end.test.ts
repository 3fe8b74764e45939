/** The main job in short, on the real parts; and what happens when something is not as it should be. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle } from '../build/bundles.ts'
import { inCache, root, thresholdsFile } from '../build/paths.ts'
import { exitCode } from '../cli/exit-codes.ts'
import { keysFile, readKeys } from '../datasets/prepared.ts'
import type { AARow } from '../gap/aa.ts'
import { readMeasurement } from '../gap/measurement.ts'
import { hiddenStalls } from '../gap/omission.ts'
import type { Thresholds } from '../gap/thresholds.ts'
import type { Run } from '../report/run.ts'
import { httpAddress } from '../targets/address/http.ts'
import { ask } from '../targets/http.ts'
import { freePort } from '../targets/port.ts'
import { withClient } from '../targets/postgres/client.ts'
import { places } from '../targets/postgres/pgbouncer.ts'
import { Stack } from '../targets/stack.ts'
import { type Ended, inferenceGap, interrupted, k6Run, leftBehind } from './program.ts'

const brief = ['--clients', '1', '--sessions', '1', '--pairs', '2', '--block', '1', '--warmup', '1']
// One look: how many are needed is decided by the machine's noise.
const short = [...brief, '--looks', '1']

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'end to end '))
})
afterAll(() => rm(folder, { recursive: true }))

/** The project's thresholds with a change, in a file of their own. */
async function thresholds(change: (given: Thresholds) => void): Promise<string> {
  const given = JSON.parse(await readFile(thresholdsFile, 'utf8')) as Thresholds
  change(given)
  const file = path.join(folder, 'thresholds.json')
  await writeFile(file, JSON.stringify(given))
  return file
}

/** Bounds that no noise crosses, in whatever interval: what these tests are about is not how fast the machine is. */
const never = 1e-300
const lenient = (given: Thresholds) => {
  for (const target of [given.postgres, given.python]) {
    target.maxLatencyMs = { p50: 1e9 }
    target.minTps = never
  }
  given.gap = {
    minTpsRatio: never,
    minLatencyRatio: { p50: never, p95: never },
    minTrainingMemoryRatio: never,
  }
}

/** The JSON that a command left in its folder. */
async function left<Json = Run>(output: string, name = 'run.json'): Promise<Json> {
  const results = /stands in (.+)/.exec(output)?.[1] ?? ''
  return JSON.parse(await readFile(path.resolve('/', results, name), 'utf8'))
}

/** Premises that follow from what we do; whether the others hold is up to the machine and to what else runs on it. */
const upToUs = ['keep-alive', 'prepared', 'same keys, same model']

/** The exit code is the expected one, or, where the machine broke a premise, the one that says so, naming it. */
function expectCode({ code, output }: Ended, expected: number, { premises }: Pick<Run, 'premises'>): void {
  const broken = premises.filter(({ holds }) => !holds).map(({ name }) => name)
  expect(
    broken.filter((name) => upToUs.includes(name)),
    output,
  ).toEqual([])
  for (const name of broken) expect(output).toContain(`  - ${name}: `)
  expect(code, output).toBe(broken.length > 0 ? exitCode.couldNotMeasure : expected)
}

describe('compare, with everything embedded', () => {
  test('measures, judges and leaves nothing behind', async () => {
    const ended = await inferenceGap('compare', ...short, '--thresholds', await thresholds(lenient))
    const { output } = ended
    for (const part of ['Targets', 'Training', 'Client cost', 'Gap', 'published', 'Thresholds', 'Premises'])
      expect(output).toContain(part)

    const run = await left(output)
    expectCode(ended, exitCode.pass, run)
    if (ended.code === exitCode.pass) expect(output).toContain('thresholds hold')
    expect(run.parity).toMatchObject({ keys: 1000, largestRelativeDifference: expect.any(Number) })
    expect(run.parity.largestRelativeDifference).toBeLessThanOrEqual(1e-5)
    const pairsOf = (key: string) => run.measurement.pairs.filter((pair) => pair.key === key)
    expect(pairsOf('postgres')).toHaveLength(2)
    // The fast predictor answers the same questions in the same pairs.
    expect(pairsOf('postgres-fast')).toHaveLength(2)
    expect(run.costs.map(({ target }) => target)).toEqual(['postgres', 'python'])
    for (const { nullMs, seenMs } of run.costs) {
      expect(nullMs).toBeGreaterThan(0)
      expect(seenMs).toBeGreaterThan(0)
    }
    for (const { key, requests, failures } of run.verdict.figures) {
      const counts = run.measurement.blocks.filter((block) => block.key === key).map(({ ok }) => ok.count)
      expect(requests).toBe(counts.reduce((sum, count) => sum + count, 0))
      expect(requests).toBeGreaterThan(0)
      expect(failures).toBe(0)
    }
    expect(run.training?.postgres.peakBytes).toBeGreaterThan(10e6)
    // Nothing that a report is made from holds a password.
    expect(JSON.stringify(run)).not.toContain(await readFile(inCache('postgres', 'password'), 'utf8'))
    expect(await leftBehind()).toEqual([])

    // The same run judged again, without measuring.
    const results = path.resolve('/', /stands in (.+)/.exec(output)?.[1] ?? '')
    const again = await inferenceGap(
      'gate',
      path.join(results, 'run.json'),
      '--baseline',
      path.join(results, 'run.json'),
    )
    expect(again.output).toContain('within noise')
    expect(again.output).not.toContain('regressed\n')
    expectCode(again, exitCode.pass, run)
    const stricter = await thresholds((given) => {
      lenient(given)
      given.gap.minTpsRatio = 1e300
    })
    const judged = await inferenceGap('gate', path.join(results, 'run.json'), '--thresholds', stricter)
    expect(judged.output).toMatch(/gap\.minTpsRatio .* ✗ crossed/)
    expectCode(judged, exitCode.crossed, run)
    expect(await readFile(path.join(results, 'gate', 'junit.xml'), 'utf8')).toContain('failures="1"')
    expect(await readFile(path.join(results, 'summary.md'), 'utf8')).toContain('## Inference gap')
    expect(await readFile(path.join(results, 'report.html'), 'utf8')).toContain('<svg')
  })

  test('sessions start the targets anew', async () => {
    const ended = await inferenceGap(
      'compare',
      ...['--clients', '1', '--sessions', '2', '--pairs', '1', '--block', '1', '--serializer', 'msgpack'],
      ...['--thresholds', await thresholds(lenient), '--looks', '1'],
    )
    const { output } = ended
    expect(output).toContain('session 2 of 2')
    expect(output).toContain('msgpack')
    const run = await left(output)
    expectCode(ended, exitCode.pass, run)
    const { measurement } = run
    const workers = [1, 2].map((session) =>
      measurement.blocks
        .filter((block) => block.session === session && block.key === 'python')
        .flatMap((block) => Object.keys(block.workers)),
    )
    expect(workers[0]?.length).toBeGreaterThan(0)
    // Workers are named by their process: none lives on.
    expect(workers[0]?.filter((worker) => workers[1]?.includes(worker))).toEqual([])
    expect(measurement.settings).toMatchObject({ sessions: 2, pairs: 2, serializer: 'msgpack' })
  })

  test('modes shows all three beside the service', async () => {
    const ended = await inferenceGap('modes', ...brief)
    for (const mode of ['simple', 'extended', 'prepared'])
      expect(ended.output).toMatch(new RegExp(`postgres-${mode} +1 .*× \\[`))
    expectCode(ended, exitCode.pass, await left<Pick<Run, 'premises'>>(ended.output, 'modes.json'))
  })

  test('a target against itself', async () => {
    const ended = await inferenceGap('compare', ...short, '--aa', 'python')
    expect(ended.output).toMatch(/TPS +1 +[\d.]+× \[.*%/)
    expect(ended.output).toContain('1.00 inside')
    const found = await left<Pick<Run, 'premises'> & { rows: AARow[] }>(ended.output, 'aa.json')
    // Whether its interval holds 1.00 is what the command is there to find out.
    const tps = found.rows.find(({ figure }) => figure === 'TPS')
    expect(tps?.holds).toBe((tps?.ratio.low as number) <= 1 && (tps?.ratio.high as number) >= 1)
    expectCode(ended, tps?.holds ? exitCode.pass : exitCode.crossed, found)
  })

  test('ten connections for all clients, lent by the driver', async () => {
    const ended = await inferenceGap(
      'compare',
      ...['--clients', '20', '--sessions', '1', '--pairs', '1', '--block', '1', '--looks', '1'],
      ...['--pool', '10', '--thresholds', await thresholds(lenient)],
    )
    expect(ended.output).toContain('one pool of 10 connections, shared by all clients')
    const run = await left(ended.output)
    expectCode(ended, exitCode.undecided, run) // of a single pair nothing can be said
    expect(run.measurement.settings.pool).toBe(10)
  })

  test('a rate can be a share of what the slower target serves', async () => {
    const ended = await inferenceGap(
      ...['compare', ...short, '--clients', '20', '--rate', '50%'],
      ...['--thresholds', await thresholds(lenient)],
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
    for (const { tps, target } of verdict.figures) {
      expect(tps, target).toBeLessThan(rate + 0.5)
      if (measurement.premises.droppedArrivals === 0) expect(tps, target).toBeCloseTo(rate, 0)
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
      ...['--sessions', '1', '--pairs', '3', '--block', '3', '--looks', '1'],
      ...['--thresholds', await thresholds(lenient)],
    )
    const { output } = ended
    const run = await left(output)
    expectCode(ended, exitCode.pass, run)
    const blocks = run.measurement.blocks.filter(
      ({ key, phase }) => key === 'postgres' && phase === 'measure',
    )
    expect(blocks).toHaveLength(3)
    for (const { ok } of blocks) expect(ok.p50Ms, output).toBeLessThan(((clients / rate) * 1000) / 2)
  })

  test('PgBouncer stands between, or it is said that there is none', async () => {
    const isThere = places.some((file) => spawnSync(file, ['--version']).status === 0)
    const ended = await inferenceGap(
      'compare',
      ...['--clients', '2', '--sessions', '2', '--pairs', '1', '--block', '1', '--looks', '1', '--pgbouncer'],
      ...['--thresholds', await thresholds(lenient)],
    )
    const { code, output } = ended
    if (isThere) {
      expect(output).toMatch(/PgBouncer \d+\.\d+.* in transaction mode with a pool of 10/)
      expectCode(ended, exitCode.pass, await left(output))
    } else {
      expect(output).toContain('--pgbouncer: there is no pgbouncer at')
      expect(code, output).toBe(4)
    }
    expect(await leftBehind()).toEqual([])
  })

  test('crosscheck sets k6 beside the clients of the benchmark', async () => {
    const { code, output } = await inferenceGap(
      'crosscheck',
      ...['--clients', '1', '--rounds', '2', '--block', '1'],
    )
    expect(output).toContain('k6 ÷ pgbench')
    expect(output).toMatch(/k6 ÷ (ApacheBench|autocannon)/)
    expect(output).toMatch(/^ +1( +[\d,.]+){2} +[\d.]+× \[/m)
    expect(code, output).toBe(0)
  })

  test('reproduce sets the published way beside ours', async () => {
    const { code, output } = await inferenceGap('reproduce', '--calls', '300', '--rounds', '1')
    expect(output).toMatch(/published: ab -k +1\.16 +2\.00 +19\.0 +859/)
    expect(output).toMatch(/kept alive( +[\d,.]+){4}/)
    expect(output).toMatch(/pgbench extended : connections closed +[\d.]+×/)
    expect(code, output).toBe(0)
  })

  test('a threshold that cannot hold ends with 99', async () => {
    const file = await thresholds((given) => {
      lenient(given)
      given.gap.minTpsRatio = 1e300
    })
    const ended = await inferenceGap('compare', ...short, '--thresholds', file, '--query-mode', 'extended')
    const { output } = ended
    expect(output).toContain('1 of ')
    expect(output).toMatch(/gap\.minTpsRatio .* ✗ crossed/)
    expect(output).toContain('extended')
    expectCode(ended, exitCode.crossed, await left(output))
  })

  test.each([
    'SIGINT',
    'SIGTERM',
  ] as const)('%s while it measures leaves no process behind', async (signal) => {
    const { code, output } = await interrupted(['compare', '--clients', '1'], 'Measure at 1 client', signal)
    expect(output).toContain('Everything that was started has ended')
    expect(code, output).toBe(signal === 'SIGINT' ? 130 : 143)
    expect(await leftBehind()).toEqual([])
  })
})

describe('with targets that run already', () => {
  const stack = new Stack()
  let environment: { POSTGRES_URL: string; PYTHON_URL: string }
  let urls: string[]
  beforeAll(async () => {
    for (const { work } of stack.steps) await work(() => {})
    environment = { POSTGRES_URL: stack.postgres?.url ?? '', PYTHON_URL: stack.service?.url ?? '' }
    urls = ['--keys', keysFile, '--postgres-url', environment.POSTGRES_URL]
  })
  afterAll(() => stack.stop())

  /** A service that answers whatever it is told to. */
  async function withFakeService(answer: string, work: (url: string) => Promise<void>): Promise<void> {
    const server: Server = createServer((_, response) => {
      response.setHeader('content-type', 'application/json').end(answer)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    } finally {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }

  test('--json is the run and nothing else', async () => {
    const ended = await inferenceGap(
      'compare',
      ...[...short, ...urls, '--json', '--python-url', environment.PYTHON_URL],
      ...['--thresholds', await thresholds(lenient)],
    )
    const run = JSON.parse(ended.stdout) as Run
    expectCode(ended, exitCode.pass, run)
    expect(run.measurement.pairs.length).toBeGreaterThan(0)
  })

  test('compare starts nothing of its own', async () => {
    const ended = await inferenceGap(
      ...['compare', ...short, ...urls, '--python-url', environment.PYTHON_URL],
      ...['--thresholds', await thresholds(lenient)],
    )
    expect(ended.output).not.toContain('Start Postgres')
    expectCode(ended, exitCode.pass, await left(ended.output))
  })

  test('a service that fails under load only is named by what it answers, and the run is left', async () => {
    let questions = 0
    const server = createServer(async (question, answer) => {
      const body = Buffer.concat(await question.toArray())
      // The parity check asks a thousand times.
      if (++questions > 1000) return void answer.writeHead(503).end('no more workers')
      const { status, body: prediction } = await ask(httpAddress(environment.PYTHON_URL), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      answer.writeHead(status).end(prediction)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const { code, output } = await inferenceGap(
      ...['compare', ...short, ...urls, '--python-url', url, '--looks', '1'],
      ...['--thresholds', await thresholds(lenient)],
    )
    server.closeAllConnections()
    server.close()
    const told = output.replace(/\s+/g, ' ')
    expect(told).toMatch(
      /answers: in \d+ of \d+ blocks; most likely cause: .*python: HTTP 503 \([\d,]+ times\): no more workers/,
    )
    expect(told).toContain('→ The service, or what stands before it, is out of workers; see its log')
    expect(code, output).toBe(3)
    const left = path.resolve('/', /stands in (.+)/.exec(output)?.[1] ?? '')
    for (const file of ['run.json', 'report.html', 'junit.xml', 'summary.md']) {
      const text = await readFile(path.join(left, file), 'utf8')
      expect(text, file).toContain('HTTP 503')
      expect(text, file).toContain('no more workers')
    }
  })

  test('a target that is down could not be measured', async () => {
    const nowhere = `http://127.0.0.1:${await freePort()}/`
    const { code, output } = await inferenceGap('compare', ...short, ...urls, '--python-url', nowhere)
    expect(output).toContain(`the Python service at ${nowhere} did not answer: connect ECONNREFUSED`)
    expect(code, output).toBe(3)
    const noDatabase = `postgres://me:secret@127.0.0.1:${await freePort()}/x`
    const other = await inferenceGap(
      ...['compare', ...short, '--keys', keysFile],
      ...['--postgres-url', noDatabase, '--python-url', environment.PYTHON_URL],
    )
    expect(other.output).toContain('Postgres did not answer: connect ECONNREFUSED')
    expect(other.output).not.toContain('secret')
    expect(other.code, other.output).toBe(3)
  })

  test('targets that predict differently are not compared', async () => {
    await withFakeService('[12.5]', async (url) => {
      const { code, output } = await inferenceGap('compare', ...short, ...urls, '--python-url', url)
      expect(output).toContain('The targets do not predict the same: 1000 of 1000 keys')
      expect(output).toMatch(/key \[\d+,2013,\d+,\d+\]: Postgres [\d.]+, Python 12.5/)
      expect(code, output).toBe(3)
    })
  })

  const quick = { CLIENTS: '2', DURATION: '2' }

  test.each([
    ['bundled', (name: string) => bundle(name)],
    ['as it is written', (name: string) => path.join(root, 'scenarios', `${name}.ts`)],
  ])('k6 runs each scenario, %s', async (_, place) => {
    const file = await thresholds(lenient)
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

  /** Ends all of the service's workers' work for a while, as a long garbage collection or a stopped machine does. */
  async function stall(seconds: number): Promise<void> {
    const { stdout } = await execa('ps', ['-o', 'pid=', '--ppid', String(stack.service?.pid)])
    const workers = stdout.split('\n').map(Number)
    for (const worker of workers) process.kill(worker, 'SIGSTOP')
    await sleep(seconds * 1000)
    for (const worker of workers) process.kill(worker, 'SIGCONT')
  }

  /** The service alone, in the open or the closed model, stalled for a second in the midst of its second block. */
  async function stalled(env: Record<string, string>, times: number) {
    const summary = path.join(folder, 'stalled.json')
    const progress = path.join(folder, 'progress.json')
    await rm(progress, { force: true })
    const run = k6Run(bundle('compare'), {
      ...environment,
      THRESHOLDS_FILE: await thresholds(lenient),
      ...{ SIDES: 'python', PAIRS: '2', BLOCK_SECONDS: '12', WARMUP_SECONDS: '2' },
      ...{ SUMMARY_FILE: summary, PROGRESS_FILE: progress },
      ...env,
    })
    // The first block is over, however long k6 took to start, to connect and to warm up: the second begins.
    const began = await Promise.race([
      run.then(() => false),
      (async () => {
        while (!existsSync(progress)) await sleep(50)
        return true
      })(),
    ])
    expect(began, began ? '' : (await run).output).toBe(true)
    await sleep(1500)
    for (let time = 1; time <= times; time++) {
      await stall(1)
      await sleep(970)
    }
    const { code, output } = await run
    expect(code, output).toBe(0)
    const measured = await readMeasurement(summary)
    const block = measured.blocks.find(({ pair }) => pair === 2)
    expect(block?.failed.count).toBe(0)
    // Both have met it.
    expect(block?.ok.maxMs).toBeGreaterThan(500)
    return { p99: block?.ok.p99Ms as number, measured }
  }

  // A hundred arrivals fall into a second: the latest of the worst hundredth of all has waited for most of it. With one client it
  // is met by one request each time, of thousands. Half of the second lies between the two, whatever else the machine does.
  test('a stall of a second shows in p99 of the open model and not of the closed one', async () => {
    const open = await stalled({ RATE: '100', MAX_CLIENTS: '400' }, 1)
    expect(open.p99).toBeGreaterThan(500)
    const [hidden] = hiddenStalls(open.measured)
    expect(hidden?.key).toBe('python')
    expect(hidden?.closedP99Ms).toBeLessThan(open.p99)
    const closed = await stalled({ CLIENTS: '1' }, 4)
    expect(closed.p99).toBeLessThan(500)
  })

  test('users of more clients hold no connection while fewer are measured', async () => {
    const summary = path.join(folder, 'few-first.json')
    const run = k6Run(bundle('compare'), {
      ...environment,
      THRESHOLDS_FILE: await thresholds(lenient),
      ...{ CLIENTS: '1,8', PAIRS: '1', BLOCK_SECONDS: '4', WARMUP_SECONDS: '1', SUMMARY_FILE: summary },
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

  test('in the open model each arrival that was due is counted', async () => {
    const summary = path.join(folder, 'open.json')
    const { code, output } = await k6Run(bundle('compare'), {
      ...environment,
      THRESHOLDS_FILE: await thresholds(lenient),
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

  test("k6's own thresholds end a scenario with 99", async () => {
    const file = await thresholds((given) => {
      lenient(given)
      given.postgres.minTps = 1e9
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
    await withFakeService(answer, async (url) => {
      const file = await thresholds(lenient)
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

  test('the table holds all flights whose delay is known', async () => {
    const [key] = await readKeys()
    await withClient(environment.POSTGRES_URL, async (client) => {
      const { rows } = await client.query('SELECT count(*)::int AS rows FROM flights')
      expect(rows[0]).toEqual({ rows: 328_521 })
      const where = 'originairportid = $1 AND year = $2 AND month = $3 AND dayofmonth = $4'
      const found = await client.query(`SELECT count(*)::int AS rows FROM flights WHERE ${where}`, [
        ...(key ?? []),
      ])
      expect(found.rows[0].rows).toBeGreaterThan(100)
    })
  })
})
