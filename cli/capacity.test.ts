import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { objectivesOf, parseGiven, permittedBy } from '../gap/capacity/objective.ts'
import { sampleMeasurement } from '../gap/fixture.ts'
import { main } from './main.ts'
import { premisesOfAll } from './premises.ts'

let folder: string
let said = ''
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'capacity '))
  said = ''
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      said += text
      return true
    })
  await writeFile(path.join(folder, 'keys.json'), '[1, 2]')
  await writeFile(
    path.join(folder, 'workload.ts'),
    `import { http, workload } from 'inference-gap'
export default workload<number>({
  name: 'queued',
  keys: 'keys.json',
  sides: [http({ name: 'service', address: 'SERVICE_URL', body: (key) => [key], value: ([value]) => value })],
})\n`,
  )
  vi.stubEnv('SERVICE_URL', 'http://127.0.0.1:1/')
})
afterEach(async () => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

test.each([
  [
    ['--objective', 'database: p99<5ms'],
    "--objective 'database: …': the workload has no such side; expected one of service",
  ],
  [['--objective', 'p99<50ms'], 'are both for all sides: expected one'],
  [['--demand', '0'], "option '--demand <number>' argument '0' is invalid"],
  [['--fleet', '/no/fleet.json', '--demand', '5'], 'no/fleet.json cannot be read'],
  [['--price', '1'], 'give --demand, too'],
  [['--batch', '5'], 'service'],
])('%j is refused before anything starts', async (flags, message) => {
  const workload = path.join(folder, 'workload.ts')
  expect(await main(['capacity', '--workload', workload, '--objective', 'p99<60ms', ...flags])).toBe(2)
  expect(said).toContain(message)
})

test.each([
  [['p99<10ms,failures<60%'], true],
  [['p99<10ms'], false],
  [['p99<10ms', 'postgres: failures<60%'], false],
])('failures that the objective permits break no premise of its confirmation: %j', (objectives, holds) => {
  const measurement = sampleMeasurement()
  // Half of the requests.
  for (const block of measurement.blocks) if (block.key === 'python') block.failed = block.ok
  const permitted = permittedBy(objectivesOf(['postgres', 'python'], objectives.map(parseGiven)))
  const premises = premisesOfAll([measurement], [], permitted)
  expect(premises.find(({ name }) => name === 'answers')?.holds).toBe(holds)
})
