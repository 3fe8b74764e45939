/** The main job in short, on the real parts: everything embedded is set up, measured, judged and ended. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inCache } from '../build/paths.ts'
import { exitCode } from '../cli/exit-codes.ts'
import type { AARow } from '../gap/aa.ts'
import type { Run } from '../report/run.ts'
import { places } from '../targets/postgres/pgbouncer.ts'
import { inferenceGap, leftBehind } from './program.ts'
import { expectCode, folderOf, left, lenient, short, thresholdsIn } from './verdicts.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'compare '))
})
afterAll(() => rm(folder, { recursive: true }))

test('measures, judges and leaves nothing behind', async () => {
  const ended = await inferenceGap('compare', ...short, '--thresholds', await thresholdsIn(folder, lenient))
  const { output } = ended
  for (const part of ['Sides', 'Training', 'Client cost', 'Gap', 'published', 'Thresholds', 'Premises'])
    expect(output).toContain(part)

  const run = await left(output)
  expectCode(ended, exitCode.pass, run)
  if (ended.code === exitCode.pass) expect(output).toContain('thresholds hold')
  expect(run.parity).toMatchObject({ keys: 1000, largestRelativeDifference: expect.any(Number) })
  expect(run.parity?.largestRelativeDifference).toBeLessThanOrEqual(1e-5)
  const pairsOf = (key: string) => run.measurement.pairs.filter((pair) => pair.key === key)
  expect(pairsOf('postgres')).toHaveLength(2)
  // The fast predictor and the fast service answer the same questions in the same pairs.
  for (const key of ['postgres-fast', 'python-fast']) expect(pairsOf(key)).toHaveLength(2)
  expect(run.verdict.shares?.map(({ key, by }) => [key, by])).toEqual([
    ['postgres', 'python-fast'],
    ['postgres-fast', 'python-fast'],
  ])
  expect(run.costs.map(({ key }) => key)).toEqual(['postgres', 'python'])
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
  expect(run.training?.postgres?.peakBytes).toBeGreaterThan(10e6)
  // Nothing that a report is made from holds a password.
  expect(JSON.stringify(run)).not.toContain(await readFile(inCache('postgres', 'password'), 'utf8'))
  expect(await leftBehind()).toEqual([])

  // The same run judged again, without measuring.
  const results = folderOf(output)
  const again = await inferenceGap(
    'gate',
    path.join(results, 'run.json'),
    '--baseline',
    path.join(results, 'run.json'),
  )
  expect(again.output).toContain('within noise')
  expect(again.output).not.toContain('regressed\n')
  expectCode(again, exitCode.pass, run)
  const stricter = await thresholdsIn(folder, (given) => {
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

test('sessions start the targets anew, and a threshold that cannot hold ends with 99', async () => {
  const file = await thresholdsIn(folder, (given) => {
    lenient(given)
    given.gap.minTpsRatio = 1e300
  })
  const ended = await inferenceGap(
    'compare',
    ...['--clients', '1', '--sessions', '2', '--pairs', '1', '--block', '1', '--warmup', '1', '--looks', '1'],
    ...['--serializer', 'msgpack', '--query-mode', 'extended', '--thresholds', file],
  )
  const { output } = ended
  expect(output).toContain('session 2 of 2')
  expect(output).toContain('1 of ')
  expect(output).toMatch(/gap\.minTpsRatio .* ✗ crossed/)
  expect(output).toMatch(/query mode +extended/)
  const run = await left(output)
  expectCode(ended, exitCode.crossed, run)
  const { measurement } = run
  const workers = [1, 2].map((session) =>
    measurement.blocks
      .filter((block) => block.session === session && block.key === 'python')
      .flatMap((block) => Object.keys(block.workers)),
  )
  expect(workers[0]?.length).toBeGreaterThan(0)
  // Workers are named by their process: none lives on.
  expect(workers[0]?.filter((worker) => workers[1]?.includes(worker))).toEqual([])
  expect(measurement.settings).toMatchObject({ sessions: 2, pairs: 2 })
  // As the service says itself.
  expect(run.targets.python).toContain('msgpack')
})

test('several keys at once, in the same run', async () => {
  const ended = await inferenceGap(
    'compare',
    ...short,
    ...['--batch', '1,20', '--thresholds', await thresholdsIn(folder, lenient)],
  )
  expect(ended.output).toMatch(/ 20 +postgres( +[\d,.]+){3} +[\d.]+×/)
  const run = await left(ended.output)
  expectCode(ended, exitCode.pass, run)
  expect(run.batches?.map(({ size, side, failures }) => `${size} ${side} ${failures}`)).toEqual([
    ...['1 postgres 0', '1 python 0', '20 postgres 0', '20 python 0'],
  ])
  expect(await readFile(path.join(folderOf(ended.output), 'report.html'), 'utf8')).toContain(
    'Several keys at once',
  )
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
    ...[
      '--clients',
      '20',
      '--sessions',
      '1',
      '--pairs',
      '1',
      '--block',
      '1',
      '--warmup',
      '1',
      '--looks',
      '1',
    ],
    ...['--pool', '10', '--thresholds', await thresholdsIn(folder, lenient)],
  )
  expect(ended.output).toContain('one pool of 10 connections, shared by all clients')
  const run = await left(ended.output)
  expectCode(ended, exitCode.undecided, run) // of a single pair nothing can be said
  expect(run.measurement.settings.pool).toBe(10)
})

test('by PgBouncer there is a row more, or it is said that there is none', async () => {
  const isThere = places.some((file) => spawnSync(file, ['--version']).status === 0)
  const ended = await inferenceGap(
    'compare',
    ...['--clients', '2', '--sessions', '2', '--pairs', '1', '--block', '1', '--warmup', '1', '--looks', '1'],
    ...['--pgbouncer', '--thresholds', await thresholdsIn(folder, lenient)],
  )
  const { code, output } = ended
  if (isThere) {
    expect(output.replace(/\s+/g, ' ')).toMatch(/PgBouncer \d+\.\d+.* in transaction mode with a pool of 10/)
    const run = await left(output)
    expectCode(ended, exitCode.pass, run)
    const { sides } = run.measurement.settings
    expect(sides).toHaveLength(3)
    expect(sides[1]).toMatch(/^postgres-pgbouncer(-extended)?$/)
  } else {
    expect(output).toContain('--pgbouncer: there is no pgbouncer at')
    expect(code, output).toBe(4)
  }
  expect(await leftBehind()).toEqual([])
})
