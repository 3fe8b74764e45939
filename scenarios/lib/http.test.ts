import { expect, test } from 'vitest'
import { type AnswerKind, type AnyKey, type HttpSide, http, workload } from '../../workload/workload.ts'
import { inScenario } from '../in-node/scenario.ts'

interface Customer {
  id: string
  since: number
}
const customers: Customer[] = [
  { id: 'a b', since: 2001 },
  { id: 'c', since: 2002 },
]

interface Given {
  answer?: AnswerKind
  env?: Record<string, string>
  /** As it is asked for; absent: the side itself. */
  word?: string
}

/** A connection to a service of customers. */
async function connected(
  more: Partial<Omit<HttpSide<AnyKey>, 'protocol'>> = {},
  { answer = 'number', env = {}, word = 'service' }: Given = {},
) {
  const side = http<Customer>({ name: 'service', address: 'SERVICE_URL', ...more })
  const own = { workload: workload<Customer>({ name: 'churn', keys: 'k', answer, sides: [side] }) }
  const world = await inScenario(
    { SERVICE_URL: 'http://service:1', NULL_SERVICE_URL: 'http://nothing:1', ...env },
    { 'keys.json': JSON.stringify(customers) },
    0,
    own,
  )
  const { sidesOf } = await import('./workload.ts')
  const { checkHttp, connectHttp } = await import('./http.ts')
  const { WrongAnswer } = await import('./ask.ts')
  const [resolved] = sidesOf('LIST', [word])
  if (resolved?.protocol !== 'http') throw new Error('no such side')
  return { world, check: () => checkHttp(resolved), WrongAnswer, ask: connectHttp(resolved) }
}

/** What a body is read as: an answer, or the message of a wrong one. */
async function told(value: unknown, ...given: Parameters<typeof connected>): Promise<unknown> {
  const { world, ask, WrongAnswer } = await connected(...given)
  world.answer = () => ({ ms: 1, value })
  try {
    return ask(0)
  } catch (error) {
    expect(error).toBeInstanceOf(WrongAnswer)
    return (error as Error).message
  }
}

/** What is asked for the two keys, and how the connection was opened. */
async function asked(...given: Parameters<typeof connected>) {
  const { world, ask } = await connected(...given)
  const questions: [string, unknown][] = []
  world.answer = (to, body) => {
    questions.push([to, body])
    return { ms: 1, value: 1 }
  }
  ask(0)
  ask(1)
  return { questions, options: world.opened[0]?.options as Record<string, unknown> }
}

test.each<[AnswerKind, unknown]>([
  ['number', 0],
  ['number', -1.5],
  ['numbers', [1, 2.5]],
  ['text', 'churns'],
  ['text', ''],
  ['truth', true],
  ['truth', false],
])('of %s %j is an answer', async (answer, value) => {
  expect(await told(value, {}, { answer })).toEqual(value)
})

test.each<[AnswerKind, unknown, string]>([
  ['number', '1', 'a finite number, got "1"'],
  ['number', null, 'a finite number, got null'],
  ['number', { score: 1 }, 'a finite number, got {"score":1}'],
  ['numbers', 1, 'a list of finite numbers, got 1'],
  ['numbers', [], 'a list of finite numbers, got []'],
  ['numbers', ['1'], 'a list of finite numbers, got ["1"]'],
  ['text', 1, 'a text, got 1'],
  ['text', new ArrayBuffer(3), 'a text, got 3 bytes'],
  ['truth', 'true', 'true or false, got "true"'],
  ['truth', null, 'true or false, got null'],
])('of %s %j is a wrong answer', async (answer, value, expected) => {
  expect(await told(value, {}, { answer })).toBe(`expected ${expected}`)
})

test('a value is taken from the body', async () => {
  const value = (body: { score: number }) => body.score
  expect(await told({ score: 7 }, { value })).toBe(7)
  expect(await told({ score: '7' }, { value })).toBe('expected a finite number, got "7" from {"score":"7"}')
  expect(await told({}, { value })).toBe('expected a finite number, got undefined from {}')
  expect(await told({ score: false }, { value }, { answer: 'truth' })).toBe(false)
})

test('a body that the function does not know makes a wrong answer', async () => {
  const value = (body: { scores: number[] }) => body.scores[0]
  expect(await told({ scores: [7] }, { value })).toBe(7)
  expect(await told(null, { value })).toBe(
    "its value throws: Cannot read properties of null (reading 'scores') from null",
  )
  // What it throws is the body's fault, whatever it is: only the client's own SyntaxError says that the body is no JSON.
  const parses = (body: string) => JSON.parse(body) as number
  expect(await told('7', { value: parses, answerAs: 'text' })).toBe(7)
  expect(await told('{', { value: parses, answerAs: 'text' })).toMatch(/^its value throws: /)
})

test.each<[AnswerKind, unknown]>([
  ['number', 'x'],
  ['text', 1],
  ['truth', 1],
  ['numbers', 1],
])('a null server may answer %s by anything', async (answer, value) => {
  const word = 'service:null'
  expect(await told(value, {}, { answer, word })).toBe(value)
  expect(await told([value], { value: ([first]: unknown[]) => first }, { answer, word })).toBe(value)
  const fails = () => {
    throw new Error('not such a body')
  }
  expect(await told([value], { value: fails }, { answer, word })).toBeUndefined()
})

test('status codes count as answers where they are said to, 200 where nothing is', async () => {
  const status = async (code: number, ...given: Parameters<typeof connected>) => {
    const { world, ask } = await connected(...given)
    world.answer = () => ({ ms: 1, value: 1, status: code })
    return () => ask(0)
  }
  expect((await status(200))()).toBe(1)
  expect(await status(201)).toThrow('HTTP 201: 1')
  const statuses = [201, 404]
  expect((await status(404, { statuses }))()).toBe(1)
  expect(await status(200, { statuses })).toThrow('HTTP 200: 1')
  // A null server gives the side's own status where it was told its answer, and 200 where it was not.
  for (const code of [200, 201, 404])
    expect((await status(code, { statuses }, { word: 'service:null' }))()).toBe(1)
  expect(await status(500, { statuses }, { word: 'service:null' })).toThrow('HTTP 500')
})

test('each key has its path, and nothing is sent where nothing is said', async () => {
  const path = ({ id }: Customer) => `customers/${encodeURIComponent(id)}?full=1`
  const env = { SERVICE_URL: 'http://service:1/v1/?token=7' }
  const { questions, options } = await asked({ path }, { env })
  expect(questions).toEqual([
    ['http://service:1/v1/customers/a%20b?token=7&full=1', undefined],
    ['http://service:1/v1/customers/c?token=7&full=1', undefined],
  ])
  expect(options).toMatchObject({ method: 'GET', headers: {} })
})

test('a path that is the same for all keys, and a method', async () => {
  const { questions, options } = await asked({ path: '/predict', method: 'DELETE' })
  expect(questions.map(([to]) => to)).toEqual(['http://service:1/predict', 'http://service:1/predict'])
  expect(options.method).toBe('DELETE')
})

test.each<[Partial<HttpSide<AnyKey>>, string, string]>([
  [{ body: (key: Customer) => key }, '{"id":"a b","since":2001}', 'application/json'],
  [{ body: ({ id }: Customer) => id, bodyAs: 'text' }, 'a b', 'text/plain; charset=utf-8'],
  [
    { body: (key: Customer) => key, bodyAs: 'form' },
    'id=a+b&since=2001',
    'application/x-www-form-urlencoded',
  ],
])('a body by %j is %s', async (more, expected, type) => {
  const { questions, options } = await asked(more)
  expect(questions[0]).toEqual(['http://service:1/', expected])
  expect(options).toMatchObject({ method: 'POST', headers: { 'Content-Type': type } })
})

test('bytes are sent as they are, and answers read as such', async () => {
  const body = ({ since }: Customer) => new Uint8Array([since % 256, 0, 255])
  const { questions, options } = await asked({ body, bodyAs: 'bytes', answerAs: 'bytes' })
  expect([...new Uint8Array(questions[0]?.[1] as ArrayBuffer)]).toEqual([2001 % 256, 0, 255])
  expect(options).toMatchObject({
    answer: 'bytes',
    headers: { 'Content-Type': 'application/octet-stream' },
  })
  expect((await asked({ answerAs: 'text' })).options.answer).toBe('text')
})

test('what is secret comes from variables', async () => {
  const headers = { Accept: 'text/plain', Authorization: { variable: 'API_TOKEN', prefix: 'Bearer ' } }
  const { options } = await asked({ headers }, { env: { API_TOKEN: 'secret' } })
  expect(options.headers).toEqual({ Accept: 'text/plain', Authorization: 'Bearer secret' })
  await expect(connected({ headers })).rejects.toThrow('API_TOKEN: is not set')
  const { check } = await connected({ headers }, { env: { API_TOKEN: 'secret' } })
  expect(check).not.toThrow()
})

test('a service that repeats what it was sent is shown without it', async () => {
  const headers = { Authorization: { variable: 'API_TOKEN', prefix: 'Bearer ' } }
  const env = { API_TOKEN: 'canary' }
  const fails = () => {
    throw new Error('no score, canary')
  }
  expect(await told({ got: 'canary' }, { headers }, { env })).toBe(
    'expected a finite number, got {"got":"…"}',
  )
  expect(await told('canary', { headers, value: fails }, { env })).toBe(
    'its value throws: no score, … from "…"',
  )
  // However far behind what is shown it ends.
  const far = await told(`${'x'.repeat(195)}canary`, { headers }, { env })
  expect(far).not.toContain('can')
})

test('bodies and paths are made of the keys once, before the load', async () => {
  let made = 0
  const body = ({ id }: Customer) => {
    made++
    return id
  }
  const { check, ask, world } = await connected({ body })
  check()
  expect(made).toBe(2)
  world.answer = () => ({ ms: 1, value: 1 })
  for (const position of [1, 0, 1]) ask(position)
  expect(made).toBe(2)
})

test.each<[Partial<HttpSide<AnyKey>>, string]>([
  [{ path: ({ id }: Customer) => (id === 'c' ? 7 : id) as string }, 'its path is 7; expected a text'],
  [{ body: ({ id }: Customer) => (id === 'c' ? undefined : id) }, 'its body is undefined'],
  [{ body: () => 'x', bodyAs: 'bytes' }, 'expected what bodyAs'],
])('%j fails for a key that is named with the side', async (more, expected) => {
  await expect(connected(more)).rejects.toThrow(/^service: key [12] of keys\.json, \{"id":/)
  await expect(connected(more)).rejects.toThrow(expected)
})

test('who answered is told where the side names a header for it', async () => {
  const labelOf = async (more: Partial<HttpSide<AnyKey>>, headers: Record<string, string>) => {
    const { world, ask } = await connected(more)
    world.answer = () => ({ ms: 1, value: 1, headers })
    ask(0)
    return ask.label?.()
  }
  expect(await labelOf({ worker: 'X-Pod' }, { 'X-Pod': 'three' })).toBe('three')
  expect(await labelOf({ worker: 'X-Pod' }, {})).toBeUndefined()
  // Where it names none, nothing is asked for it: that would cost each request.
  expect((await connected()).ask.label).toBeUndefined()
})
