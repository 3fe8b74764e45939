/** Several k6 that share one comparison, each with an execution segment: what they ask together, and how it is told. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { bundleWorkload } from '../build/bundles.ts'
import { k6Binary, root } from '../build/paths.ts'
import { loadWorkload } from '../build/workload.ts'
import { exitCode } from '../cli/exit-codes.ts'
import type { Ladder } from '../gap/capacity/ladder.ts'
import { readMeasurement } from '../gap/measurement.ts'
import type { Premise } from '../gap/premises.ts'
import { inferenceGap, k6Run } from './program.ts'
import { left } from './verdicts.ts'

interface Found {
  ladders: Ladder[]
  premises: Premise[]
}

const count = 50
const workloadText = `import { http, workload } from 'inference-gap'
const side = (name: string, address: string) =>
  http<{ id: number }>({ name, address, body: ({ id }) => ({ id }), value: (answer: { score: number }) => answer.score })
export default workload({
  name: 'tests-parts',
  keys: 'keys.json',
  sides: [side('first', 'FIRST_URL'), side('second', 'SECOND_URL')],
})
`

let folder: string
let bundles: string
let workload: string
let server: Server
/** What each connection was asked first. */
let first = new Map<Socket, number[]>()
let env: Record<string, string>

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'parts '))
  workload = path.join(folder, 'workload.ts')
  await writeFile(workload, workloadText)
  const keys = Array.from({ length: count }, (_, id) => ({ id }))
  await writeFile(path.join(folder, 'keys.json'), JSON.stringify(keys))
  bundles = await bundleWorkload(await loadWorkload(workload, {}), { keys, thresholds: undefined })
  server = createServer(async (request, response) => {
    const { id } = JSON.parse(Buffer.concat(await request.toArray()).toString())
    const asked = first.get(request.socket) ?? []
    first.set(request.socket, asked)
    if (asked.length < 10) asked.push(id)
    await sleep(2)
    // Node's own Date is made ahead of time, and late where the machine is busy.
    response.setHeader('date', new Date().toUTCString())
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ score: id }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  env = { FIRST_URL: url, SECOND_URL: url, CLIENTS: '5', PAIRS: '1', BLOCK_SECONDS: '1', WARMUP_SECONDS: '1' }
})
afterAll(async () => {
  await rm(bundles, { recursive: true, force: true })
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  first = new Map()
})

const compare = () => path.join(bundles, 'compare.js')
const file = (part: number) => path.join(folder, `part-${part}.json`)
const segment = (part: number, of: number) => [
  ...['--execution-segment', `${part - 1}/${of}:${part}/${of}`],
  ...['--execution-segment-sequence', Array.from({ length: of + 1 }, (_, at) => `${at}/${of}`).join()],
]
/** Seconds that k6 may take until it is ready, on a busy machine. */
const toStart = 25
/** In so many seconds. */
const soon = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()

/** Starts all parts, the later ones somewhat later. */
async function inParts(of: number, more: Record<string, string> = {}, apartMs = 0) {
  const startAt = soon(toStart + (of * apartMs) / 1000)
  return Promise.all(
    Array.from({ length: of }, async (_, index) => {
      await sleep(index * apartMs)
      const own = { ...env, ...more, START_AT: startAt, SUMMARY_FILE: file(index + 1) }
      return k6Run(compare(), own, segment(index + 1, of))
    }),
  )
}

/** Sequences of first questions, in no order. */
const asked = () => [...first.values()].map((ids) => ids.join()).sort()

test('two ask together what one asks, and are one run', async () => {
  const [alone] = await inParts(1)
  expect(alone?.code, alone?.output).toBe(0)
  const whole = asked()
  first = new Map()
  for (const { code, output } of await inParts(2, {}, 1000)) expect(code, output).toBe(0)
  // The clock of the service is asked by a connection of its own, always for the same.
  expect(new Set(asked())).toEqual(new Set(whole))
  const parts = await Promise.all([1, 2].map((part) => readMeasurement(file(part))))
  expect(parts.map(({ parts: own }) => own?.map(({ part, of }) => [part, of]))).toEqual([[[1, 2]], [[2, 2]]])
  expect(parts.map(({ connections }) => connections?.map(({ opened }) => opened))).toEqual([
    [3, 3],
    [2, 2],
  ])

  const { code, output } = await inferenceGap('merge', '--workload', workload, file(1), file(2))
  const run = await left(output)
  expect(code, output).toBe(
    run.premises.every(({ holds }) => holds) ? exitCode.pass : exitCode.couldNotMeasure,
  )
  expect(output).toContain('session 1, part 2 of 2')
  const { blocks, settings } = run.measurement
  expect(settings.clients).toEqual([5])
  for (const key of ['first', 'second']) {
    const own = parts.flatMap((each) => each.blocks.filter((block) => block.key === key))
    const block = blocks.find((each) => each.key === key)
    expect(block?.ok.count).toBe(own.reduce((sum, { ok }) => sum + ok.count, 0))
    expect(block?.turns).toHaveLength(own[0]?.turns.length as number)
  }
})

test('in the open model each has every second arrival', async () => {
  for (const { code, output } of await inParts(2, { RATE: '100', MAX_CLIENTS: '20', BLOCK_SECONDS: '2' }))
    expect(code, output).toBe(0)
  const due = await Promise.all(
    [1, 2].map(async (part) => (await readMeasurement(file(part))).blocks.map(({ open }) => open?.due)),
  )
  // Turns of a second, two of each side.
  expect(due).toEqual([
    [100, 100],
    [100, 100],
  ])
})

test('rates that were fixed beforehand are held against an objective', async () => {
  const rates = [{ first: 40, second: 30 }, { first: 80 }, { first: 60 }]
  const more = { RATES: JSON.stringify(rates), MAX_CLIENTS: '20', TURN_SECONDS: '1', BLOCK_SECONDS: '2' }
  for (const { code, output } of await inParts(2, more)) expect(code, output).toBe(0)
  const given = ['--workload', workload, '--objective', 'p50<5s', file(1), file(2)]
  const { code, output } = await inferenceGap('merge', ...given)
  const { ladders, premises } = await left<Found>(output, 'ladder.json')
  const [ladder] = ladders
  // Whether they hold is for the machine to say.
  expect(ladder?.rungs.map(({ rate, due }) => [rate, due])).toEqual([
    [40, 80],
    [60, 120],
    [80, 160],
  ])
  expect(ladders.map(({ side }) => side)).toEqual(['first', 'second'])
  expect(output).toContain('first (p50<5s): ')
  expect(code, output).toBe(premises.every(({ holds }) => holds) ? exitCode.pass : exitCode.couldNotMeasure)
})

test('one that was killed in the middle is noticed', async () => {
  await rm(file(2), { force: true })
  const own = (part: number) => ({ ...env, START_AT: startAt, SUMMARY_FILE: file(part) })
  const startAt = soon(toStart)
  const killed = spawn(k6Binary, ['run', '--quiet', '--address', '', ...segment(2, 2), compare()], {
    env: { ...process.env, ...own(2) },
    cwd: root,
    stdio: 'ignore',
  })
  const gone = once(killed, 'exit')
  const other = k6Run(compare(), own(1), segment(1, 2))
  await sleep(Date.parse(startAt) + 3000 - Date.now())
  killed.kill('SIGKILL')
  await gone
  expect((await other).code).toBe(0)
  await expect(readFile(file(2))).rejects.toThrow('ENOENT')
  const { code, output } = await inferenceGap('merge', '--workload', workload, file(1))
  expect(output).toContain('all parts: part 2 of 2 is missing')
  expect(code, output).toBe(exitCode.couldNotMeasure)
})

test.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'one whose clock is 100 ms off is refused by name',
  async () => {
    const shifted = path.join(folder, 'shifted')
    await execa('cc', ['-O2', '-o', shifted, path.join(root, 'tests', 'clock', 'shifted.c')])
    const startAt = soon(toStart)
    const own = (part: number) => ({ ...env, START_AT: startAt, SUMMARY_FILE: file(part) })
    for (const { code, output } of await Promise.all([
      k6Run(compare(), own(1), segment(1, 2)),
      k6Run(compare(), own(2), segment(2, 2), [shifted, '100']),
    ]))
      expect(code, output).toBe(0)
    const skews = await Promise.all(
      [1, 2].map(async (part) => (await readMeasurement(file(part))).parts?.[0]?.skew),
    )
    for (const [index, skew] of skews.entries())
      expect(Math.abs((skew?.aheadMs ?? 0) - 100 * index)).toBeLessThanOrEqual((skew?.withinMs ?? 0) + 5)
    const { code, output } = await inferenceGap('merge', '--workload', workload, file(1), file(2))
    expect(output.replace(/\s+/g, ' ')).toMatch(/one clock: the clock of part 2 is [\d.]+ ms ahead/)
    expect(code, output).toBe(exitCode.couldNotMeasure)
  },
)

test.each<[string, Record<string, string>, string]>([
  ['no moment', {}, 'START_AT is not set; expected when all parts begin'],
  ['a moment that has passed', { START_AT: '2026-01-01T00:00:00Z' }, 's ago when this part was ready'],
  ['too few users', { START_AT: soon(60), CLIENTS: '1,20' }, '1 clients are fewer than the 2 parts'],
  ['what is no moment', { START_AT: 'soon' }, "START_AT: 'soon'; expected a moment"],
])('%s is refused', async (_, more, message) => {
  const { code, output } = await k6Run(compare(), { ...env, ...more }, segment(1, 2))
  expect(output).toContain(message)
  expect([107, 108]).toContain(code)
})
