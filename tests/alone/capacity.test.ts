/** A search for a capacity from end to end, on a server whose limit is known; how near it comes is what a bench tells (bench/capacity-truth.ts). */
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nullServerBinary } from '../../build/paths.ts'
import { capacityRunSchema } from '../../report/capacity/run.ts'
import { inferenceGapIn, leftBehind } from '../program.ts'
import { folderOf, left as leftBy } from '../verdicts.ts'

/** Two servers, each of which takes 5 ms for a request: 400 a second. */
const queue = { kind: 'fcfs', servers: 2, service: { distribution: 'deterministic', meanMs: 5 }, seed: 1 }

let folder: string
let server: ReturnType<typeof spawn>
let address: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'capacity '))
  await writeFile(
    path.join(folder, 'workload.ts'),
    `import { http, workload } from 'inference-gap'
export default workload<number>({
  name: 'queued',
  keys: 'keys.json',
  sides: [http({ name: 'service', address: 'SERVICE_URL', body: (key) => [key], value: ([value]) => value })],
})\n`,
  )
  await writeFile(path.join(folder, 'keys.json'), '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]')
  server = spawn(nullServerBinary, ['-answers'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: server.stdout as NodeJS.ReadableStream })
  const said = new Promise<string>((resolve) => lines.once('line', resolve))
  server.stdin?.end(
    JSON.stringify([
      {
        ...{ protocol: 'http', status: 200, headers: { 'Content-Type': ['application/json'] } },
        ...{ body: Buffer.from('[1.0]').toString('base64'), queue },
      },
    ]),
  )
  const [host] = JSON.parse(await said) as [string]
  address = `http://${host}/`
})
afterAll(async () => {
  server?.kill('SIGTERM')
  await rm(folder, { recursive: true })
})

const search = (...more: string[]) =>
  inferenceGapIn(
    { SERVICE_URL: address },
    ...['capacity', '--workload', path.join(folder, 'workload.ts'), '--objective', 'p99<60ms'],
    ...[
      '--arrivals',
      'even',
      '--clients',
      '1,5,20',
      '--block',
      '1',
      '--rounds',
      '10',
      '--warmup',
      '1',
      ...more,
    ],
  )

test('what is due, what is answered, and what is found and planned agree with each other', async () => {
  const { code, output } = await search('--demand', '10k', '--price', '0.5')
  // 3: on a busy machine the client may be what ends first, or a premise may break; what was found is told all the same.
  expect([0, 3], output).toContain(code)
  const left = folderOf(output)
  const forms = ['capacity.json', 'capacity.html', 'junit.xml', 'summary.md']
  expect(await readdir(left)).toEqual(expect.arrayContaining(forms))
  const found = await leftBy(output, 'capacity.json')
  const { sides, points, settings, plan, scaling = [] } = capacityRunSchema.parse(found)
  expect(settings.arrivals).toBe('even')
  const own = points.filter(({ side }) => side === 'service')
  expect(own.length).toBeGreaterThan(4)
  for (const { rate, seconds, due, answered, failed } of own) {
    // Even arrivals, in two turns: one more or less at the ends of each.
    expect(Math.abs(due - rate * seconds)).toBeLessThanOrEqual(4)
    expect(answered + failed).toBe(due)
  }
  const [side] = sides
  expect(side?.closed.map(({ clients }) => clients)).toEqual([1, 5, 20])
  for (const { rounds, rate, due } of side?.rates ?? []) {
    const there = own.filter((point) => point.rate === rate)
    expect(there.length).toBeGreaterThanOrEqual(rounds)
    expect(due).toBeLessThanOrEqual(there.reduce((sum, point) => sum + point.due, 0))
  }
  if (side?.found) expect(side.found.low).toBeLessThanOrEqual(side.found.high)
  expect(scaling.map((each) => each.side)).toEqual(['service'])
  expect(plan?.demand).toBe(10_000)
  // Nothing but the server of this test.
  expect(await leftBehind()).toEqual([`${nullServerBinary} -answers`])
})

test('where other programs take the processors, the client ends first: that is no capacity', async () => {
  const others = [1, 2].flatMap(() => cpus().map(() => spawn(process.execPath, ['-e', 'for (;;);'])))
  try {
    const { output } = await search('--clients', '20', '--rounds', '5', '--time-limit', '1')
    expect(output).toMatch(/client-limited: (other programs took|the client sent)/)
    const { sides, points } = capacityRunSchema.parse(await leftBy(output, 'capacity.json'))
    expect(sides[0]?.found).toBeUndefined()
    expect(points.some(({ takenByOthers = 0 }) => takenByOthers > 0.4)).toBe(true)
  } finally {
    for (const other of others) other.kill('SIGKILL')
  }
})
