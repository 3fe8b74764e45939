import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { CouldNotMeasure } from '../build/failure.ts'
import type { Key } from '../datasets/flights.ts'
import { httpAddress } from './address/http.ts'
import { postgresAddress } from './address/postgres.ts'
import { checkParity, relativeDifference, sample, tolerance } from './parity.ts'
import { predictQuery } from './postgres/training.ts'

/** The database's answers, by the last part of a key; what it was asked, and how. */
const database = vi.hoisted(() => ({
  answers: [] as (number | Error | undefined)[],
  asked: [] as { name?: string; text: string; values: number[] }[],
  options: undefined as unknown,
}))
vi.mock('./postgres/client.ts', () => ({
  withClient: async (_: unknown, work: (client: unknown) => unknown, options: unknown) => {
    database.options = options
    return work({
      query: async (one: { text: string; values: number[] }) => {
        database.asked.push(one)
        const answer = database.answers[one.values[3] as number]
        if (answer instanceof Error) throw answer
        return { rows: answer === undefined ? [] : [{ prediction: answer }] }
      },
    })
  },
}))

let server: Server | undefined
afterEach(async () => {
  await new Promise((done) => (server ? server.close(done) : done(undefined)))
  server = undefined
  database.answers = []
  database.asked = []
})

/** @param answer to a body, or a status instead of one */
async function service(
  answer: (body: Buffer, type: string | undefined) => string | Buffer | number,
): Promise<string> {
  const bodyOf = async (request: IncomingMessage) => Buffer.concat(await request.toArray())
  server = createServer(async (request, response) => {
    const given = answer(await bodyOf(request), request.headers['content-type'])
    response.statusCode = typeof given === 'number' ? given : request.method === 'POST' ? 200 : 405
    response.end(typeof given === 'number' ? 'no room' : given)
  })
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server?.address() as AddressInfo).port}/predict`
}

const keysOf = (count: number) => Array.from({ length: count }, (_, index): Key => [35, 2013, 1, index])

/** @param predictions of the two, by key */
async function parityOf(predictions: [database: number | undefined, service: number | null][]) {
  database.answers = predictions.map(([a]) => a)
  const url = await service((body) =>
    JSON.stringify([predictions[(JSON.parse(String(body)) as Key)[3]]?.[1]]),
  )
  return checkParity(postgresAddress('postgres://database/x'), httpAddress(url), keysOf(predictions.length))
}

test('relative difference', () => {
  expect(relativeDifference(0, 0)).toBe(0)
  expect(relativeDifference(2, 1)).toBe(0.5)
  expect(relativeDifference(-1, 1)).toBe(2)
  expect(relativeDifference(1, -4)).toBe(1.25)
  expect(relativeDifference(-4, -1)).toBe(0.75)
  expect(relativeDifference(3, 3)).toBe(0)
  expect(relativeDifference(Number.NaN, 1)).toBeNaN()
})

test('a sample repeats nothing, follows its seed, and is all there is at most', () => {
  const keys = Array.from({ length: 50 }, (_, index) => [1, 2013, 1, index] as const)
  const drawn = sample([...keys], 20, 1)
  expect(new Set(drawn.map(String)).size).toBe(20)
  expect(sample([...keys], 20, 1)).toEqual(drawn)
  expect(sample([...keys], 20, 2)).not.toEqual(drawn)
  const all = sample([...keys], 1000, 1)
  expect(all).toHaveLength(50)
  expect(new Set(all.map(String)).size).toBe(50)
  expect(all.map(String)).not.toEqual(keys.map(String))
  expect(sample([...keys], 0, 1)).toEqual([])
})

test('parity is checked with the query that the scenario measures', async () => {
  const scenario = await readFile(new URL('../scenarios/lib/postgres.ts', import.meta.url), 'utf8')
  const query = /predictQuery = `([^`]*)`/.exec(scenario)?.[1] ?? ''
  const plain = (text: string) => text.replaceAll(/\s+/g, ' ')
  expect(plain(query)).toBe(plain(predictQuery))
})

test('each key is as likely as the others to be drawn, at each place', () => {
  const keys = keysOf(4)
  const counts = Array.from({ length: 2 }, () => [0, 0, 0, 0])
  for (let seed = 0; seed < 4000; seed++)
    for (const [place, key] of sample(keys, 2, seed).entries()) {
      const own = counts[place] as number[]
      own[key[3]] = (own[key[3]] as number) + 1
    }
  // A thousand each, with a standard deviation of 27.
  for (const count of counts.flat()) expect(Math.abs(count - 1000)).toBeLessThan(135)
})

test('equal to the last bit, and the same within the tolerance', async () => {
  const parity = await parityOf([
    [2.5, 2.5],
    [-1, -1],
    // A float4 comes as its shortest decimal, the service's as a double: the same 32-bit float.
    [0.1, 0.10000000149011612],
    [100_000, 99_999],
  ])
  expect(parity).toMatchObject({ keys: 4, identical: 3, largestRelativeDifference: 1e-5 })
  // 32-bit floats of the database, little-endian, written out by hand.
  const bytes = Buffer.from('00002040000080bfcdcccc3d0050c347', 'hex')
  expect(parity.predictions).toBe(createHash('sha256').update(bytes).digest('hex'))
})

/** The bound is one in a hundred thousand, of the larger one: what differs by more is another model. */
test.each<[number, number | null, boolean]>([
  [100_000, 99_999, true],
  [99_999, 100_000, true],
  [-100_000, -99_999, true],
  [100_000, 99_998.99, false],
  [99_998.99, 100_000, false],
  [1, 1.000009, true],
  [1, 1.0000111, false],
  [1, 1.05, false],
  [0, 0, true],
  [0, 1e-30, false],
  [1, -1, false],
  // JSON has no NaN.
  [1, null, false],
])('%f and %f are the same: %s', async (a, b, isSame) => {
  const parity = parityOf([
    [2, 2],
    [a, b],
  ])
  if (isSame) expect((await parity).keys).toBe(2)
  else await expect(parity).rejects.toThrow(CouldNotMeasure)
})

test('the tolerance is what README and method say', () => {
  expect(tolerance).toBe(0.00001)
})

test('keys on which they differ are counted, and the first few told with both answers', async () => {
  const predictions = Array.from({ length: 20 }, (_, index): [number, number] => [1, index < 13 ? 1 : 2])
  const error = await parityOf(predictions).catch((thrown: CouldNotMeasure) => thrown)
  expect(error).toBeInstanceOf(CouldNotMeasure)
  const [first, ...lines] = (error as CouldNotMeasure).message.split('\n')
  expect(first).toContain('7 of 20 keys differ by more than 0.00001 (relative)')
  expect(lines).toEqual([13, 14, 15, 16, 17].map((last) => `  key [35,2013,1,${last}]: Postgres 1, Python 2`))
  expect((error as CouldNotMeasure).hint).toMatch(/different models/)
})

test('a key of which the database knows nothing is no agreement', async () => {
  await expect(parityOf([[undefined, 1]])).rejects.toThrow('1 of 1 keys differ')
})

test('all keys are asked, each once, though the service answers them in its own time', async () => {
  const seen: number[] = []
  database.answers = Array.from({ length: 40 }, (_, index) => index)
  const url = await service((body) => {
    const [, , , last] = JSON.parse(String(body)) as Key
    seen.push(last)
    return JSON.stringify([last])
  })
  const keys = keysOf(40)
  expect(await checkParity(postgresAddress('postgres://database/x'), httpAddress(url), keys)).toMatchObject({
    ...{ keys: 40, identical: 40, largestRelativeDifference: 0 },
  })
  expect(seen.sort((a, b) => a - b)).toEqual(database.answers)
  // As prepared as what is measured, and asked in the same words.
  expect(database.asked.map(({ values }) => values)).toEqual(keys.map((key) => [...key]))
  for (const { name, text } of database.asked) expect([name, text]).toEqual(['parity', predictQuery])
  expect(database.options).toMatchObject({ limit: 10 })
  // Connections that were kept would be in use while others are measured.
  const left = () => new Promise((done) => server?.getConnections((_, count) => done(count)))
  await vi.waitFor(async () => expect(await left()).toBe(0), { timeout: 3000 })
})

const hex = (bytes: Buffer) => bytes.toString('hex')

test('MessagePack is sent and read as such', async () => {
  const bodies: (string | undefined)[][] = []
  database.answers = [1.5]
  const ask = async (answer: string) => {
    const url = await service((body, type) => {
      bodies.push([hex(body), type])
      return Buffer.from(answer, 'hex')
    })
    return checkParity(postgresAddress('postgres://database/x'), httpAddress(url), keysOf(1), 'msgpack')
  }
  expect(await ask('91cb3ff8000000000000')).toMatchObject({ identical: 1 })
  expect(bodies).toEqual([['94d200000023d2000007ddd200000001d200000000', 'application/msgpack']])
  await new Promise((done) => server?.close(done))
  await expect(ask('9105')).rejects.toThrow('expected an array of one number, got 2 bytes')
})

test('JSON is said to be JSON', async () => {
  let type: string | undefined
  database.answers = [1]
  const url = await service((_, given) => {
    type = given
    return '[1]'
  })
  await checkParity(postgresAddress('postgres://database/x'), httpAddress(url), keysOf(1))
  expect(type).toBe('application/json')
})

test('whoever does not answer is named, with the reason and the next step', async () => {
  const checked = async (url: string) =>
    checkParity(postgresAddress('postgres://database/x'), httpAddress(url), keysOf(1)).catch(
      (thrown: CouldNotMeasure) => thrown,
    ) as Promise<CouldNotMeasure>
  database.answers = [1]
  const busy = await checked(await service(() => 503))
  expect(busy.message).toMatch(
    /^the Python service at http:\/\/127\.0\.0\.1:\d+\/… did not answer: key \[35,2013,1,0\]: HTTP 503 no room$/,
  )
  expect(busy.hint).toContain('out of workers; see its log')
  await new Promise((done) => server?.close(done))
  server = undefined
  expect((await checked('http://127.0.0.1:1/')).message).toMatch(
    /^the Python service at http:\/\/127\.0\.0\.1:1\/ did not answer: .*refused/i,
  )
  database.answers = [new Error('relation "flights" does not exist')]
  const missing = await checked('http://127.0.0.1:1/')
  expect(missing.message).toBe('Postgres did not answer: relation "flights" does not exist')
  const said = new CouldNotMeasure('Postgres at database gave no answer within 10 s', 'Look')
  database.answers = [said]
  expect(await checked('http://127.0.0.1:1/')).toBe(said)
})

test('an answer of another status than 200 is no prediction, whatever it says', async () => {
  database.answers = [1]
  const url = await service(() => '[1]')
  server?.prependListener('request', (_, response) => {
    response.statusCode = 201
    response.end('[1]')
    response.end = () => response
  })
  const parity = checkParity(postgresAddress('postgres://database/x'), httpAddress(url), keysOf(1))
  await expect(parity).rejects.toThrow('HTTP 201')
})

test('a run that is ended ends the check, and for its own reason', async () => {
  database.answers = [1]
  const controller = new AbortController()
  const ended = new Error('ended')
  const url = await service(() => {
    controller.abort(ended)
    return '[1]'
  })
  const check = checkParity(
    ...([
      postgresAddress('postgres://database/x'),
      httpAddress(url),
      keysOf(40),
      'json',
      controller.signal,
    ] as const),
  )
  await expect(check).rejects.toBe(ended)
  expect(database.options).toMatchObject({ signal: controller.signal })
})

/** Postgres' text and a service's may look alike: what is no number is no prediction. */
test.each(['["1"]', '[true]', '[1,1]', '{"0":1,"length":1}', '[]'])('%s is no prediction', async (answer) => {
  database.answers = [1]
  const url = await service(() => answer)
  const parity = checkParity(postgresAddress('postgres://database/x'), httpAddress(url), keysOf(1))
  await expect(parity).rejects.toThrow(CouldNotMeasure)
})
