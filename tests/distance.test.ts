/** A round trip more on each link, by the built proxy, and several hosts behind one address: with sides that are known to the millisecond. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { root } from '../build/paths.ts'
import { exitCode } from '../cli/exit-codes.ts'
import type { DistanceRow, Slope } from '../gap/distance.ts'
import type { Premise } from '../gap/premises.ts'
import { inferenceGapIn } from './program.ts'
import { left } from './verdicts.ts'

interface Found {
  rows: DistanceRow[]
  slopes: Slope[]
  premises: Premise[]
  links: string[]
}

const short = ['--clients', '2', '--sessions', '1', '--pairs', '1', '--block', '1', '--warmup', '1']

let folder: string
let workload: string
let servers: Server[]
/** Requests that each was asked. */
let asked: number[] = []
let env: Record<string, string>

const portOf = (server: Server | undefined) => (server?.address() as AddressInfo).port

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'distance '))
  workload = path.join(folder, 'workload.ts')
  await writeFile(
    workload,
    `import { http, workload } from 'inference-gap'
const side = (name: string, address: string) =>
  http<{ id: number }>({ name, address, body: ({ id }) => ({ id }), value: (answer: { score: number }) => answer.score })
export default workload({
  name: 'tests-distance',
  keys: 'keys.json',
  sides: [side('first', 'FIRST_URL'), side('second', 'SECOND_URL')],
})
`,
  )
  await writeFile(path.join(folder, 'keys.json'), JSON.stringify([{ id: 1 }, { id: 2 }, { id: 3 }]))
  servers = [0, 1, 2].map((number) =>
    createServer(async (request, response) => {
      const { id } = JSON.parse(Buffer.concat(await request.toArray()).toString())
      asked[number] = (asked[number] ?? 0) + 1
      await sleep(2)
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ score: id }))
    }),
  )
  for (const server of servers)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const [first, second, third] = servers.map(portOf)
  env = {
    FIRST_URL: `http://127.0.0.1:${first}/`,
    SECOND_URL: `http://127.0.0.1:${second}/`,
    BOTH_URL: `http://127.0.0.1:${second},127.0.0.1:${third}/`,
  }
})
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  await rm(path.join(root, 'dist', 'tests-distance'), { recursive: true, force: true })
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  asked = []
})

test('what is given distance becomes slower by it, and nothing else does', async () => {
  const { code, output } = await inferenceGapIn(
    env,
    ...['compare', '--workload', workload, '--distance', '0,20ms', '--links', 'second', ...short],
  )
  const found = await left<Found>(output, 'distance.json')
  const isSound = found.premises.every(({ holds }) => holds)
  expect(code, output).toBe(isSound ? exitCode.pass : exitCode.couldNotMeasure)
  expect(found.links).toEqual(['second'])
  const p50 = (side: string, ms: number) =>
    found.rows.find((row) => row.side === side && row.roundTripMs === ms)?.p50Ms as number
  // A busy machine only makes it more.
  expect(p50('second', 20) - p50('second', 0)).toBeGreaterThan(15)
  expect(p50('second', 20)).toBeGreaterThan(p50('first', 20))
  expect(found.slopes.map(({ side }) => side)).toEqual(['first', 'second'])
  expect(output).toContain('Round trips of an answer')
})

test('a link that is none is refused before anything is asked', async () => {
  const { code, output } = await inferenceGapIn(
    env,
    ...['compare', '--workload', workload, '--distance', '0,1ms', '--links', 'third', ...short],
  )
  expect(output).toContain('--links "third": there is no such link; expected some of first, second')
  expect(code, output).toBe(exitCode.badInput)
})

test('several hosts of a side are all asked, evenly, and each has its figures', async () => {
  const ended = await inferenceGapIn(
    { ...env, SECOND_URL: env.BOTH_URL as string },
    ...['compare', '--workload', workload, '--looks', '1', ...short],
  )
  const run = await left(ended.output)
  const blocks = run.measurement.blocks.filter(({ key, phase }) => key === 'second' && phase === 'measure')
  const names = servers.slice(1).map((server) => `127.0.0.1:${portOf(server)}`)
  for (const { hosts, ok } of blocks) {
    expect(hosts?.map(({ name }) => name).sort()).toEqual([...names].sort())
    expect(hosts?.reduce((sum, host) => sum + host.ok.count, 0)).toBe(ok.count)
  }
  expect(run.premises.find(({ name }) => name === 'hosts')?.holds).toBe(true)
  expect(asked[1]).toBeGreaterThan(100)
  expect(asked[2]).toBeGreaterThan(100)
  expect(ended.output).toContain('Hosts')
})

test('a host that does not answer is named before the load', async () => {
  const [first] = servers
  const { code, output } = await inferenceGapIn(
    { ...env, SECOND_URL: `http://127.0.0.1:${portOf(first)},127.0.0.1:9/` },
    ...['compare', '--workload', workload, '--looks', '1', ...short],
  )
  expect(output).toContain('second at http://127.0.0.1:9/')
  expect(code, output).toBe(exitCode.couldNotMeasure)
})
