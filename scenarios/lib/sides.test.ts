import { expect, test } from 'vitest'
import { inScenario } from '../in-node/scenario.ts'

async function sidesOf(list: string, env: Record<string, string> = {}) {
  const world = await inScenario({ LIST: list, ...env })
  const { sidesOf: read } = await import('./workload.ts')
  const parse = (fallback: string[] = []) => read('LIST', fallback)
  return { world, parse, sides: await import('./sides.ts'), ask: await import('./ask.ts') }
}

/** The only one of a list. */
async function sideOf(list: string, env: Record<string, string> = {}) {
  const { parse, ...more } = await sidesOf(list, env)
  const [side] = parse()
  if (!side) throw new Error('no side')
  return { side, ...more }
}

test.each([
  ['postgres,python', ['postgres', 'python']],
  ['postgres', ['postgres']],
  [',python,', ['python']],
  [
    'postgres:extended,postgres:simple,postgres:prepared',
    ['postgres-extended', 'postgres-simple', 'postgres-prepared'],
  ],
  ['postgres:fast,postgres:constant,postgres:null', ['postgres-fast', 'postgres-constant', 'postgres-null']],
  ['python:null,python:framework,python:store', ['python-null', 'python-framework', 'python-store']],
  [
    '1,2,3,4,5,6,7,8,9'.replaceAll(/\d/g, 'python:$&'),
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((each) => `python-${each}`),
  ],
  // A side against itself: the keys stand in names and must differ.
  ['python,python,python', ['python', 'python_2', 'python_3']],
  ['python,python:1,python:1', ['python', 'python-1', 'python-1_2']],
  ['postgres:batch5,python:batch20', ['postgres-batch5', 'python-batch20']],
])('%s', async (list, keys) => {
  const { parse } = await sidesOf(list)
  const parsed = parse()
  expect(parsed.map(({ key }) => key)).toEqual(keys)
  for (const { key, base } of parsed) expect(key.startsWith(base)).toBe(true)
})

test('several keys at once: one question for as many from each place on, and as many answers', async () => {
  const { world, parse, sides, ask } = await sidesOf('postgres:batch2,python:batch2')
  const asked: [string, unknown][] = []
  for (const side of parse()) {
    sides.checkSide(side)
    const several = sides.connectSide(side)
    const answered = (answers: unknown) => {
      world.answer = (to, key) => {
        asked.push([to, key])
        return { ms: 1, value: side.protocol === 'sql' ? [{ predictions: answers }] : answers }
      }
      return several(2)
    }
    expect(answered([1.5, 2.5])).toEqual([1.5, 2.5])
    for (const wrong of [[1.5], [1.5, 2.5, 3.5], [1.5, '2.5'], [1.5, null], 1.5, 'ab', undefined, {}]) {
      expect(() => answered(wrong)).toThrow(ask.WrongAnswer)
      expect(() => answered(wrong)).toThrow('expected a list of 2, each a finite number')
    }
  }
  // The last key, and the first after it: by column, or by key.
  const columns = [
    [37, 35],
    [2013, 2013],
    [3, 1],
    [3, 1],
  ]
  expect(asked[0]?.[1]).toEqual(columns)
  expect(asked.at(-1)).toEqual(['http://service/batch', '[[37,2013,3,3],[35,2013,1,1]]'])
})

test.each([
  'mysql',
  'postgres:',
  'postgres:framework',
  'python:extended',
  'postgres:null:x',
  ':null',
])('%s is refused with what there is', async (list) => {
  const { parse } = await sidesOf(`python,${list}`)
  expect(parse).toThrow(`LIST: '${list}'; expected names of the workload's sides`)
  expect(parse).toThrow(
    'the sides are postgres, python, postgres-constant, postgres-fast, postgres-pgbouncer, python-fast, python-framework, python-store',
  )
})

test('what is not said is the fallback', async () => {
  const { parse } = await sidesOf('')
  expect(parse(['python:1', 'postgres']).map(({ key }) => key)).toEqual(['python-1', 'postgres'])
})

test.each([
  ['postgres', { role: 'predict', mode: 'extended', prepared: false }],
  ['postgres:prepared', { role: 'predict', mode: 'prepared', prepared: true }],
  ['postgres:simple', { role: 'predict', mode: 'simple', prepared: false }],
  ['postgres:null', { role: 'null', mode: 'extended', prepared: false }],
  ['postgres:constant', { role: 'part', mode: 'extended', prepared: false }],
  ['postgres:fast', { role: 'predict', mode: 'extended', prepared: false }],
  ['python', { role: 'predict', mode: undefined, prepared: false }],
  ['python:null', { role: 'null', mode: undefined, prepared: false }],
  ['python:framework', { role: 'part', mode: undefined, prepared: false }],
  ['python:store', { role: 'part', mode: undefined, prepared: false }],
  ['python:1', { role: 'predict', mode: undefined, prepared: false }],
])('%s, where the extended mode is asked for', async (list, expected) => {
  const { side, sides } = await sideOf(list, { QUERY_MODE: 'extended' })
  const mode = side.protocol === 'sql' ? side.mode : undefined
  expect({ role: side.role, mode, prepared: sides.isPrepared(side) }).toEqual(expected)
})

test('only a database prepares statements, and a null server none', async () => {
  const { parse, sides } = await sidesOf('python,postgres,postgres:constant,postgres:null,python:null')
  expect(parse().map(sides.isPrepared)).toEqual([false, true, true, false, false])
})

const addresses = {
  POSTGRES_URL: 'postgres://database/?sslmode=disable',
  NULL_POSTGRES_URL: 'postgresql://nothing/',
  PYTHON_URL: 'http://service',
  NULL_PYTHON_URL: 'https://nothing/',
  PYTHON_URL_3: 'http://third/path',
}
const limits = 'query_timeout=10&connect_timeout=10'

test.each([
  ['postgres', `postgres://database/?sslmode=disable&query_mode=prepared&${limits}`, 'predict'],
  ['postgres:simple', `postgres://database/?sslmode=disable&query_mode=simple&${limits}`, 'predict'],
  [
    'postgres:fast',
    `postgres://database/?sslmode=disable&pgml.predictor=fast&query_mode=prepared&${limits}`,
    'predict',
  ],
  ['postgres:constant', `postgres://database/?sslmode=disable&query_mode=prepared&${limits}`, 'constant'],
  // The same question, so that the client has as much to do.
  ['postgres:null', `postgresql://nothing/?query_mode=prepared&${limits}`, 'predict'],
])('%s connects to %s', async (list, address, query) => {
  const { world, side, sides } = await sideOf(list, addresses)
  const asked: [string, unknown][] = []
  world.answer = (to, key) => {
    asked.push([to, key])
    return { ms: 1, value: 2.5 }
  }
  sides.checkSide(side)
  const ask = sides.connectSide(side)
  expect(ask(1)).toBe(2.5)
  expect(world.opened).toEqual([{ address, options: { max_open_conns: 1, max_idle_conns: 1 } }])
  const [[to, key] = ['', undefined]] = asked
  expect(to.startsWith(address)).toBe(true)
  expect(key).toEqual([36, 2013, 2, 2])
  expect(to.includes('pgml.predict(')).toBe(query === 'predict')
  ask.close()
  expect(world.open).toBe(0)
})

test.each([
  ['python', 'http://service/'],
  ['python:framework', 'http://service/framework'],
  ['python:store', 'http://service/store'],
  ['python:null', 'https://nothing/'],
  ['python:3', 'http://third/path'],
])('%s asks %s', async (list, address) => {
  const { world, side, sides } = await sideOf(list, addresses)
  const asked: [string, unknown][] = []
  world.answer = (to, key) => {
    asked.push([to, key])
    return { ms: 1, value: [2.5] }
  }
  sides.checkSide(side)
  const ask = sides.connectSide(side)
  expect(ask(1)).toBe(2.5)
  expect(asked).toEqual([[address, '[36,2013,2,2]']])
  expect(world.opened).toHaveLength(1)
  expect(world.opened[0]?.options).toEqual({
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    answer: 'json',
    statuses: [200],
    timeout: '10s',
    label: 'X-Worker',
  })
  ask.close()
  expect(world.open).toBe(0)
})

test.each([
  ['postgres', { POSTGRES_URL: 'http://x/' }, "POSTGRES_URL: '(a value"],
  ['postgres:null', {}, 'NULL_POSTGRES_URL: is not set'],
  ['python', { PYTHON_URL: 'postgres://x/' }, "PYTHON_URL: '(a value"],
  ['python:null', {}, 'NULL_PYTHON_URL: is not set'],
  ['python:2', {}, 'PYTHON_URL_2: is not set'],
  ['postgres', { QUERY_MODE: 'fast' }, "QUERY_MODE: 'fast'"],
  ['postgres', { POOL: 'x' }, "POOL: 'x'"],
  ['python', { SERIALIZER: 'xml' }, "SERIALIZER: 'xml'; expected one of json, orjson, msgpack"],
])('%s with %j is refused before anything starts', async (list, env, expected) => {
  const world = await inScenario({ LIST: list, ...env })
  const check = async () => {
    const { sidesOf: read } = await import('./workload.ts')
    const { checkSide } = await import('./sides.ts')
    read('LIST', []).forEach(checkSide)
  }
  await expect(check()).rejects.toThrow(expected)
  expect(world.opened).toEqual([])
})

test('a limit for connecting that the address has is kept', async () => {
  for (const [address, limits] of [
    ['postgres://database/?connect_timeout=3', 1],
    ['postgres://database/?x=y&connect_timeout=3', 1],
    ['postgres://database/?no_connect_timeout=3', 2],
  ] as const) {
    const { world, side, sides } = await sideOf('postgres', { POSTGRES_URL: address })
    sides.connectSide(side)
    expect(world.opened[0]?.address.match(/connect_timeout/g)).toHaveLength(limits)
  }
})

test('a pool that all share is asked for in the address', async () => {
  const { world, side, sides } = await sideOf('postgres', { POOL: '5' })
  sides.connectSide(side)
  expect(world.opened[0]?.address).toBe(`postgres://database/?query_mode=prepared&${limits}&pool=5`)
})

test.each([
  ['postgres', [], 'expected one row with a finite number, got []'],
  ['postgres', '3', 'expected one row with a finite number, got "3"'],
  ['postgres', Number.NaN, 'expected one row with a finite number, got NaN'],
  ['postgres', Number.POSITIVE_INFINITY, 'expected one row with a finite number, got Infinity'],
  ['python', [1, 2], 'expected a finite number, got undefined from [1,2]'],
  ['python', { 0: 1, length: 1 }, 'expected a finite number, got undefined from {"0":1,"length":1}'],
  ['python', ['1'], 'expected a finite number, got "1" from ["1"]'],
  ['python', [null], 'expected a finite number, got null from [null]'],
  ['python', 'x'.repeat(300), `expected a finite number, got undefined from "${'x'.repeat(199)}…`],
])('of %s %j is a wrong answer', async (list, value, expected) => {
  const { world, side, sides, ask } = await sideOf(list)
  world.answer = () => ({ ms: 1, value })
  const once = sides.connectSide(side)
  let thrown: unknown
  try {
    once(0)
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(ask.WrongAnswer)
  expect((thrown as Error).message).toBe(expected)
})

test('an answer that is no JSON is a wrong one; what else is thrown is none', async () => {
  const { world, side, sides, ask } = await sideOf('python')
  const once = sides.connectSide(side)
  const broken = new SyntaxError('Unexpected token <')
  world.answer = () => ({ ms: 1, error: broken })
  expect(() => once(0)).toThrow(ask.WrongAnswer)
  expect(() => once(0)).toThrow('expected JSON: Unexpected token <')
  const lost = new Error('connection reset')
  world.answer = () => ({ ms: 1, error: lost })
  expect(() => once(0)).toThrow(lost)
})

test('MessagePack is sent and read as such', async () => {
  const { world, side, sides, ask } = await sideOf('python', { SERIALIZER: 'msgpack' })
  const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex')).buffer
  const bodies: string[] = []
  world.answer = (_, body) => {
    bodies.push(Buffer.from(body as ArrayBuffer).toString('hex'))
    return { ms: 1, value: bytes('91cb3ff8000000000000') }
  }
  const once = sides.connectSide(side)
  expect(once(0)).toBe(1.5)
  expect(bodies).toEqual(['94d200000023d2000007ddd200000001d200000001'])
  expect(world.opened[0]?.options).toMatchObject({
    headers: { 'Content-Type': 'application/msgpack' },
    answer: 'bytes',
  })
  world.answer = () => ({ ms: 1, value: bytes('9105') })
  expect(() => once(0)).toThrow(ask.WrongAnswer)
  expect(() => once(0)).toThrow('expected a finite number, got undefined from 2 bytes')
})

test.each(['', 'json', 'orjson'])('written by %j it is JSON all the same', async (serializer) => {
  const { world, side, sides } = await sideOf('python', { SERIALIZER: serializer })
  world.answer = (_, body) => ({ ms: 1, value: [(body as string).length] })
  expect(sides.connectSide(side)(0)).toBe('[35,2013,1,1]'.length)
  expect(world.opened[0]?.options).toMatchObject({
    headers: { 'Content-Type': 'application/json' },
    answer: 'json',
  })
})

test('each service tells who answered, and each connection what it had to replace', async () => {
  const { world, parse, sides } = await sidesOf('postgres,python,python:framework', addresses)
  world.answer = (to) => ({ ms: 1, value: to.startsWith('http') ? [1] : 1, headers: { 'X-Worker': '7' } })
  world.lost = 2
  for (const side of parse()) {
    const once = sides.connectSide(side)
    once(0)
    expect(once.label?.()).toBe(side.protocol === 'http' ? '7' : undefined)
    if (side.protocol === 'http') expect(once.isPrepared()).toBe(true)
    expect(once.replaced()).toBe(2)
  }
})

test('a side names the variable of its address', async () => {
  const { parse } = await sidesOf('postgres:fast,postgres:null,python:store,python:null,python:4')
  expect(parse().map(({ address }) => address)).toEqual([
    ...['POSTGRES_URL', 'NULL_POSTGRES_URL', 'PYTHON_URL', 'NULL_PYTHON_URL', 'PYTHON_URL_4'],
  ])
})

test.each([
  [1, true],
  [0, false],
  [2, false],
])('with %i prepared statements of its text the server holds it: %s', async (statements, expected) => {
  const { world, side, sides } = await sideOf('postgres')
  const asked: [string, unknown][] = []
  world.answer = (to, parameters) => {
    asked.push([to, parameters])
    return { ms: 1, value: [{ statements }] }
  }
  expect(sides.connectSide(side).isPrepared()).toBe(expected)
  const [[to, parameters] = ['', []]] = asked
  expect(to).toContain('FROM pg_prepared_statements WHERE statement = $1')
  expect(parameters).toEqual([expect.stringMatching(/^SELECT pgml\.predict\('flights'/)])
})

test.each([
  ['postgres://database/', false],
  ['postgres://database/?sslmode=disable', false],
  ['postgres://database/?sslmode=require', true],
  ['postgres://database/?sslmode=verify-full', true],
  ['postgres://database/?sslmode=verify-full&sslrootcert=own.pem', false],
])('with certificates at %s these are trusted: %s', async (address, expected) => {
  const { world, side, sides } = await sideOf('postgres', {
    POSTGRES_URL: address,
    CA_FILE: '/a b/ca.pem',
  })
  sides.connectSide(side)
  expect(world.opened[0]?.address.includes('sslrootcert=%2Fa%20b%2Fca.pem')).toBe(expected)
})

test('a service whose certificate they sign is trusted', async () => {
  const { world, side, sides } = await sideOf('python', { CA_FILE: '/a b/ca.pem' })
  sides.connectSide(side)
  expect(world.opened[0]?.options).toMatchObject({ ca: '/a b/ca.pem' })
})
