import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { CouldNotMeasure } from '../build/failure.ts'
import { root } from '../build/paths.ts'
import { relativeDifference } from '../workload/answers.ts'
import workload, { flights, type Key } from '../workload/flights.ts'
import { predictQuery } from '../workload/queries.ts'
import { resolved } from '../workload/resolve.ts'
import type { Compare, Side } from '../workload/workload.ts'
import { http, sql } from '../workload/workload.ts'
import { httpAddress } from './address/http.ts'
import { postgresAddress } from './address/postgres.ts'
import type { Asked } from './asker.ts'
import { type AskedSide, checkParity, sample } from './parity.ts'

/** The database's answers, by the last part of a key; what it was asked, and how. */
const database = vi.hoisted(() => ({
  answers: [] as (number | Error | undefined)[],
  asked: [] as { name?: string; text: string; values: string[] }[],
  options: undefined as unknown,
}))
vi.mock('./postgres/client.ts', () => ({
  withClient: async (_: unknown, work: (client: unknown) => unknown, options: unknown) => {
    database.options = options
    return work({
      query: async (given: string | { text: string; values: string[] }, values: string[] = []) => {
        const one = typeof given === 'string' ? { text: given, values } : given
        database.asked.push(one)
        const answer = database.answers[Number(one.values[3])]
        if (answer instanceof Error) throw answer
        const fields = [{ name: 'prediction', dataTypeID: 700 }]
        return { fields, rows: answer === undefined ? [] : [[String(answer)]] }
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

/** Both sides of the flights, as the load asks them. @param serializer of the service */
function sidesAt(url: string, serializer?: 'msgpack'): AskedSide[] {
  const { sides } = resolved(workload, { SERIALIZER: serializer })
  const [first, last] = sides as [Side, Side]
  return [
    { side: first, address: postgresAddress('postgres://database/x') },
    { side: last, address: httpAddress(url) },
  ]
}

const asked: Asked = { answer: 'number', texts: {}, variables: {} }
const { compare } = resolved(workload, {}) as { compare: { tolerance: number } }

/** @param predictions of the two, by key */
async function parityOf(predictions: [database: number | undefined, service: number | null][]) {
  database.answers = predictions.map(([a]) => a)
  const url = await service((body) =>
    JSON.stringify([predictions[(JSON.parse(String(body)) as Key)[3]]?.[1]]),
  )
  return checkParity(sidesAt(url), keysOf(predictions.length), compare, asked)
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

test('the tolerance is what README and method say, and numbers have it where a workload says nothing', () => {
  expect(compare).toEqual({ tolerance: 0.00001 })
  const plain = { name: 'x', keys: 'x', sides: [] }
  expect(resolved(plain, {}).compare).toEqual({ tolerance: 0.00001 })
  expect(resolved({ ...plain, answer: 'numbers' }, {}).compare).toEqual({ tolerance: 0.00001 })
  for (const answer of ['text', 'truth'] as const)
    expect(resolved({ ...plain, answer }, {}).compare).toBe('equal')
})

test('keys on which they differ are counted, and the first few told with both answers', async () => {
  const predictions = Array.from({ length: 20 }, (_, index): [number, number] => [1, index < 13 ? 1 : 2])
  const error = await parityOf(predictions).catch((thrown: CouldNotMeasure) => thrown)
  expect(error).toBeInstanceOf(CouldNotMeasure)
  const [first, ...lines] = (error as CouldNotMeasure).message.split('\n')
  expect(first).toContain('7 of 20 keys their answers differ by more than 0.00001 (relative)')
  expect(lines).toEqual([13, 14, 15, 16, 17].map((last) => `  key [35,2013,1,${last}]: postgres 1, python 2`))
  expect((error as CouldNotMeasure).hint).toMatch(
    /different models.*both must have the same model and the same features/,
  )
})

test('a key of which the database knows nothing is no agreement', async () => {
  await expect(parityOf([[undefined, 1]])).rejects.toThrow(
    'key [35,2013,1,0]: expected a finite number, got []',
  )
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
  expect(await checkParity(sidesAt(url), keys, compare, asked)).toMatchObject({
    ...{ keys: 40, identical: 40, largestRelativeDifference: 0 },
  })
  expect(seen.sort((a, b) => a - b)).toEqual(database.answers)
  // As prepared as what is measured, and asked in the same words.
  const [, ...questions] = database.asked
  expect(questions.map(({ values }) => values)).toEqual(keys.map((key) => key.map(String)))
  for (const { name, text } of questions)
    expect([name, text]).toEqual(['inference-gap', predictQuery(flights)])
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
    return checkParity(sidesAt(url, 'msgpack'), keysOf(1), compare, asked)
  }
  expect(await ask('91cb3ff8000000000000')).toMatchObject({ identical: 1 })
  expect(bodies).toEqual([['94d200000023d2000007ddd200000001d200000000', 'application/msgpack']])
  await new Promise((done) => server?.close(done))
  await expect(ask('9105')).rejects.toThrow('expected a finite number, got undefined from ')
})

test('JSON is said to be JSON', async () => {
  let type: string | undefined
  database.answers = [1]
  const url = await service((_, given) => {
    type = given
    return '[1]'
  })
  await checkParity(sidesAt(url), keysOf(1), compare, asked)
  expect(type).toBe('application/json')
})

test('whoever does not answer is named, with the reason and the next step', async () => {
  const checked = async (url: string) =>
    checkParity(sidesAt(url), keysOf(1), compare, asked).catch(
      (thrown: CouldNotMeasure) => thrown,
    ) as Promise<CouldNotMeasure>
  database.answers = [1]
  const busy = await checked(await service(() => 503))
  expect(busy.message).toMatch(
    /^python at http:\/\/127\.0\.0\.1:\d+\/… does not answer as it should: key \[35,2013,1,0\]: HTTP 503 no room; sent was "POST \[35,2013,1,0\]"$/,
  )
  expect(busy.hint).toContain('out of workers; see its log')
  await new Promise((done) => server?.close(done))
  server = undefined
  expect((await checked('http://127.0.0.1:1/')).message).toMatch(
    /^python at http:\/\/127\.0\.0\.1:1\/ does not answer as it should: .*refused/i,
  )
  database.answers = [new Error('relation "flights" does not exist')]
  const missing = await checked('http://127.0.0.1:1/')
  expect(missing.message).toMatch(
    /^postgres at postgres:\/\/.*@database:5432\/x\S* does not answer as it should: key \[35,2013,1,0\]: relation "flights" does not exist$/,
  )
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
  const parity = checkParity(sidesAt(url), keysOf(1), compare, asked)
  await expect(parity).rejects.toThrow('HTTP 201')
})

test('a run that is ended ends the check, and for its own reason', async () => {
  database.answers = Array(40).fill(1)
  const controller = new AbortController()
  const ended = new Error('ended')
  const url = await service(() => {
    controller.abort(ended)
    return '[1]'
  })
  const check = checkParity(sidesAt(url), keysOf(40), compare, { ...asked, signal: controller.signal })
  await expect(check).rejects.toBe(ended)
  expect(database.options).toMatchObject({ signal: controller.signal })
})

/** Services alone, each of which answers in its own way: by key what each of them says. */
async function partiesOf(
  answers: unknown[][],
  how: { answer: Asked['answer']; compare: Exclude<Compare, false> },
) {
  const url = await service((body) => {
    const { name, at } = JSON.parse(String(body)) as { name: string; at: number }
    return JSON.stringify(answers[['a', 'b', 'c'].indexOf(name)]?.[at])
  })
  const sides = answers.map((_, index): AskedSide => {
    const name = ['a', 'b', 'c'][index] as string
    return {
      side: http({ name, address: 'URL', body: (at: number) => ({ name, at }) }) as Side,
      address: httpAddress(url),
    }
  })
  const keys = (answers[0] as unknown[]).map((_, at) => at)
  return checkParity(sides, keys, how.compare, { ...asked, answer: how.answer })
}

test('of three sides each is held against the last, and the one that differs is named', async () => {
  const how = { answer: 'number', compare: { tolerance: 0.1 } } as const
  expect(
    await partiesOf(
      [
        [1, 2, 3],
        [1, 2.1, 3],
        [1, 2, 3],
      ],
      how,
    ),
  ).toMatchObject({ keys: 3, identical: 2, largestRelativeDifference: expect.closeTo(0.1 / 2.1, 12) })
  const error = await partiesOf([[1], [2], [1]], how).catch((thrown: Error) => thrown)
  expect((error as Error).message).toBe(
    'b and c do not answer the same: to 1 of 1 keys their answers differ by more than 0.1 (relative)\n  key 0: b 2, c 1',
  )
  // That two of them agree is no comfort: the last one is what they are compared with.
  await expect(partiesOf([[2], [2], [1]], how)).rejects.toThrow('a and c do not answer the same')
})

test.each<[Asked['answer'], Exclude<Compare, false>, unknown, unknown, string | undefined]>([
  ['text', 'equal', 'yes', 'yes', undefined],
  ['text', 'equal', 'yes', 'Yes', 'their answers are not equal\n  key 0: a "yes", b "Yes"'],
  ['text', (a: string, b: string) => a.toLowerCase() === b.toLowerCase(), 'yes', 'Yes', undefined],
  ['text', () => false, 'yes', 'yes', 'their answers are not the same by its function'],
  ['truth', 'equal', true, true, undefined],
  ['truth', 'equal', true, false, 'their answers are not equal'],
  ['numbers', { tolerance: 0.1 }, [1, 2], [1, 2.1], undefined],
  [
    'numbers',
    { tolerance: 0.1 },
    [1, 2],
    [1, 2.3],
    'differ by more than 0.1 (relative)\n  key 0: a [1,2], b [1,2.3]',
  ],
  ['numbers', { tolerance: 1 }, [1, 2], [1, 2, 3], 'differ by more than 1 (relative)'],
  ['number', 'equal', 1, 1.0000000001, 'their answers are not equal'],
])('answers of %s, compared %j: %j and %j', async (answer, compare, a, b, said) => {
  const parity = partiesOf([[a], [b]], { answer, compare })
  if (said === undefined) expect((await parity).keys).toBe(1)
  else await expect(parity).rejects.toThrow(said)
})

test.each<[Asked['answer'], unknown, string]>([
  ['number', '1', 'expected a finite number, got "1"'],
  ['number', null, 'expected a finite number, got null'],
  ['numbers', [1, '2'], 'expected a list of finite numbers, got [1,"2"]'],
  ['numbers', [], 'expected a list of finite numbers, got []'],
  ['numbers', 1, 'expected a list of finite numbers, got 1'],
  ['text', 1, 'expected a text, got 1'],
  ['truth', 'true', 'expected true or false, got "true"'],
])('where a %s is declared, %j is none', async (answer, given, expected) => {
  await expect(partiesOf([[given], [given]], { answer, compare: 'equal' })).rejects.toThrow(expected)
})

test('one side alone has nothing to differ from', async () => {
  expect(await partiesOf([[1, 2]], { answer: 'number', compare: 'equal' })).toMatchObject({
    ...{ keys: 2, identical: 2, largestRelativeDifference: 0 },
  })
})

test('a statement is asked with the settings of its session, as the load asks it', async () => {
  database.answers = [1]
  const side = sql({
    ...{ name: 'a', address: 'URL', query: 'SELECT $4', parameters: (key: Key) => key },
    settings: { search_path: 'mine', 'pgml.predictor': 'fast' },
  }) as Side
  const alone = [{ side, address: postgresAddress('postgres://database/x') }]
  await checkParity(alone, keysOf(1), 'equal', asked)
  const settings = await readFile(path.join(root, 'extension-sql', 'catalogue', 'settings.sql'), 'utf8')
  expect(database.asked.map(({ text, values }) => [text, values])).toEqual([
    ['SELECT set_config($1, $2, false)', ['search_path', 'mine']],
    ['SELECT set_config($1, $2, false)', ['pgml.predictor', 'fast']],
    // After the user's own, as in k6: they say how values are written.
    [settings, []],
    ['SELECT $4', ['35', '2013', '1', '0']],
  ])
})
