import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { BadInput, CouldNotMeasure, type Failure } from '../build/failure.ts'

/** Nothing is built here: what a check asks and says is what is held. */
const built = vi.hoisted(() => ({ steps: 0 }))
vi.mock('./setup.ts', () => ({
  measuringSteps: () => {
    built.steps++
    return []
  },
  setupSteps: () => [],
}))
vi.mock('../build/bundles.ts', () => ({ bundleWorkload: async () => '/no/such/folder' }))
vi.mock('../build/lock.ts', () => ({ locked: (work: () => unknown) => work() }))

const { check } = await import('./check.ts')

let server: Server
let folder: string
/** By the path's first part, which is the side's, and the key. */
let answers: Record<string, (id: number) => unknown>
/** To several keys at once. */
let atOnce: (ids: number[]) => unknown
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'a check '))
  server = createServer((request, response) => {
    const [, side = '', id = ''] = (request.url ?? '').split('/')
    const ids = id.split(',').map(Number)
    const given = ids.length > 1 ? atOnce(ids) : answers[side]?.(Number(id))
    if (given === undefined) response.statusCode = 500
    response.end(JSON.stringify(given))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  await writeFile(
    path.join(folder, 'keys.json'),
    JSON.stringify(Array.from({ length: 12 }, (_, id) => ({ id }))),
  )
})
afterAll(async () => {
  await new Promise((done) => server.close(done))
  await rm(folder, { recursive: true })
})

let said = ''
beforeEach(() => {
  ;[said, answers, built.steps] = ['', {}, 0]
  vi.spyOn(process.stdout, 'write').mockImplementation(((text: string) => {
    said += text
    return true
  }) as typeof process.stdout.write)
  vi.stubEnv('CHECKED_URL', `http://u:c4nary@127.0.0.1:${(server.address() as AddressInfo).port}/`)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

async function checked(names: string[], rest = '', more = ''): Promise<number | Failure> {
  const sides = names.map(
    (name) =>
      `http({ name: '${name}', address: 'CHECKED_URL', path: (key) => '${name}/' + key.id${more}, value: (body) => body })`,
  )
  const file = path.join(folder, 'workload.ts')
  await writeFile(
    file,
    `import { http, workload } from 'inference-gap'
export default workload({ name: 'small', keys: './keys.json', sides: [${sides.join(', ')}]${rest} })`,
  )
  return check({ workload: file }, new AbortController().signal).catch((thrown: Failure) => thrown)
}

test.each<[string, string, (id: number) => unknown, (id: number) => unknown]>([
  ['numbers within the tolerance', '', (id) => 1 + id, (id) => (1 + id) * 1.000001],
  ['lists of numbers', ", answer: 'numbers'", (id) => [id, 2], (id) => [id, 2]],
  ['texts', ", answer: 'text'", (id) => `n${id}`, (id) => `n${id}`],
  ['truth', ", answer: 'truth'", (id) => id > 3, (id) => id > 3],
])('%s: question, answer and agreement are told', async (_, rest, a, b) => {
  answers = { a, b }
  expect(await checked(['a', 'b'], rest)).toBe(0)
  expect(said).toContain('small  (12 keys)')
  expect(said).toContain('a and b answer 10 of 10 keys alike')
  expect(said).toMatch(/a {2}\(HTTP, http:\/\/\*\*\*@127\.0\.0\.1:\d+\/; connection kept\)/)
  expect(said.match(/^.*\b[ab]\/\d+ /gm)).toHaveLength(20)
  expect(said).not.toContain('c4nary')
})

test('sides that answer otherwise are told by how many keys and by how much, and nothing may be compared', async () => {
  answers = { a: (id) => (id % 2 === 0 ? 1 : 2), b: () => 1 }
  const failed = await checked(['a', 'b'])
  expect(failed).toBeInstanceOf(CouldNotMeasure)
  expect(said).toMatch(/a and b answer [4-6] of 10 keys alike; they differ by 50 % at the most/)
})

test('each of three is held against the last', async () => {
  answers = { a: () => 1, b: () => 2, c: () => 1 }
  expect(await checked(['a', 'b', 'c'])).toBeInstanceOf(CouldNotMeasure)
  expect(said).toContain('a and c answer 10 of 10 keys alike')
  expect(said).toContain('b and c answer 0 of 10 keys alike')
})

test('one side alone, and answers that are not compared, are fine', async () => {
  answers = { a: () => 1, b: () => 2 }
  expect(await checked(['a'])).toBe(0)
  expect(said).toContain('there is one side, so that nothing is compared')
  expect(await checked(['a', 'b'], ', compare: false')).toBe(0)
  expect(said).toContain('the workload says that answers are not compared')
})

test('several keys at once are answered as one by one, in the order of the keys', async () => {
  answers = { a: (id) => 1 + id }
  const batch = ", batch: { path: (keys) => 'a/' + keys.map((key) => key.id).join() }"
  atOnce = (ids) => ids.map((id) => 1 + id)
  expect(await checked(['a'], '', batch)).toBe(0)
  expect(said).toContain('✓ a answers 10 of 10 keys at once as it does one by one')
  atOnce = (ids) => ids.map((id) => 1 + id).sort((one, other) => one - other)
  expect(await checked(['a'], '', batch)).toBeInstanceOf(CouldNotMeasure)
  expect(said).toMatch(
    /✗ a answers [0-8] of 10 keys at once as it does one by one\n {2}key \{"id":\d+\}: a-batch10 /,
  )
  said = ''
  atOnce = (ids) => ids.slice(1)
  const wrong = (await checked(['a'], '', batch)) as Failure
  expect(wrong.text).toContain('expected a list of 10, each a finite number')
  // What was answered one by one is told all the same.
  expect(said).toContain('there is one side, so that nothing is compared')
})

test('a side that answers wrongly is named with key, reason and where to mend it', async () => {
  answers = { a: () => 1, b: () => 'one' }
  const wrong = (await checked(['a', 'b'])) as Failure
  expect(wrong).toBeInstanceOf(CouldNotMeasure)
  expect(wrong.text).toMatch(
    /^b at http:\/\/\*\*\*@127\.0\.0\.1:\d+\/ does not answer as it should: key \{"id":\d+\}: expected a finite number, got "one"/,
  )
  expect(wrong.text).toContain('Ask the same by hand: the answer must be what the workload declares')
  answers = { a: () => 1 }
  expect(((await checked(['a', 'b'])) as Failure).text).toContain('HTTP 500')
})

test('a variable that is not set is named with its side, before anything is built', async () => {
  vi.stubEnv('CHECKED_URL', '')
  const missing = (await checked(['a', 'b'])) as Failure
  expect(missing).toBeInstanceOf(BadInput)
  expect(missing.text).toBe(
    "CHECKED_URL is not set; it has the address of a\n  → Set it: export CHECKED_URL='http://host:8000/'",
  )
  vi.stubEnv('CHECKED_URL', 'http://127.0.0.1:1/')
  const header = ", headers: { Authorization: { variable: 'CHECKED_TOKEN' } }"
  expect(((await checked(['a'], '', header)) as Failure).text).toContain(
    'CHECKED_TOKEN is not set; a sends it as the header Authorization',
  )
  vi.stubEnv('CHECKED_URL', 'ftp://u:c4nary@h/')
  const foreign = ((await checked(['a'])) as Failure).text
  expect(foreign).toContain("CHECKED_URL: 'ftp://…' does not fit; expected http://host:port/path")
  vi.stubEnv('CHECKED_URL', 'http://127.0.0.1:1/')
  await writeFile(path.join(folder, 'none.json'), '[]')
  const none = ((await checked(['a'], ", keys: './none.json'")) as Failure).text
  expect(none).toContain('none.json holds no key')
  expect(built.steps).toBe(0)
})
