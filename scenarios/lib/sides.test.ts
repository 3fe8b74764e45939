import { expect, test } from 'vitest'
import { inScenario } from '../in-node/scenario.ts'

async function sidesOf(list: string, env: Record<string, string> = {}) {
  const world = await inScenario({ LIST: list, ...env })
  return { world, sides: await import('./sides.ts'), ask: await import('./ask.ts') }
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
])('%s', async (list, keys) => {
  const { sides } = await sidesOf(list)
  const parsed = sides.parseSides('LIST', '')
  expect(parsed.map(({ key }) => key)).toEqual(keys)
  for (const { key, target } of parsed) expect(key.startsWith(target)).toBe(true)
})

test.each([
  'mysql',
  'postgres:',
  'postgres:framework',
  'python:extended',
  'python:10',
  'postgres:null:x',
  ':null',
])('%s is refused with what there is', async (list) => {
  const { sides } = await sidesOf(list)
  const parse = () => sides.parseSides('LIST', '')
  expect(parse).toThrow(
    `LIST: '${list}'; expected postgres or python, alone or as postgres:simple, postgres:extended`,
  )
  expect(parse).toThrow('python:9; several are separated by commas')
})

test('a side without a variant is the plain target, and nothing else', async () => {
  const { sides } = await sidesOf('postgres')
  for (const side of sides.parseSides('LIST', '')) expect(Object.keys(side)).toEqual(['key', 'target'])
})

test('what is not said is the fallback; a variant is absent where none was given', async () => {
  const { sides } = await sidesOf('')
  expect(sides.parseSides('LIST', 'python:1,postgres')).toEqual([
    { key: 'python-1', target: 'python', variant: '1' },
    { key: 'postgres', target: 'postgres' },
  ])
})

test.each([
  ['postgres', { null: false, mode: 'extended', prepared: false }],
  ['postgres:prepared', { null: false, mode: 'prepared', prepared: true }],
  ['postgres:simple', { null: false, mode: 'simple', prepared: false }],
  ['postgres:null', { null: true, mode: 'extended', prepared: false }],
  ['postgres:constant', { null: true, mode: 'extended', prepared: false }],
  ['postgres:fast', { null: false, mode: 'extended', prepared: false }],
  ['python', { null: false, mode: 'extended', prepared: false }],
  ['python:null', { null: true, mode: 'extended', prepared: false }],
  ['python:framework', { null: true, mode: 'extended', prepared: false }],
  ['python:store', { null: true, mode: 'extended', prepared: false }],
  ['python:1', { null: false, mode: 'extended', prepared: false }],
])('%s, where the extended mode is asked for', async (list, expected) => {
  const { sides } = await sidesOf(list, { QUERY_MODE: 'extended' })
  const [side] = sides.parseSides('LIST', '')
  if (!side) throw new Error('no side')
  expect({
    null: sides.isNull(side),
    mode: sides.modeOf(side),
    prepared: sides.isPreparedSide(side),
  }).toEqual(expected)
})

test('only the database prepares statements', async () => {
  const { sides } = await sidesOf('python,postgres')
  expect(sides.parseSides('LIST', '').map(sides.isPreparedSide)).toEqual([false, true])
})

const addresses = {
  POSTGRES_URL: 'postgres://database/?sslmode=disable',
  NULL_POSTGRES_URL: 'postgresql://nothing/',
  PYTHON_URL: 'http://service',
  NULL_PYTHON_URL: 'https://nothing/',
  PYTHON_URL_3: 'http://third/path',
}

test.each([
  [
    'postgres',
    'postgres://database/?sslmode=disable&query_mode=prepared&wait=grouped&query_timeout=10&connect_timeout=10',
    'predict',
  ],
  [
    'postgres:simple',
    'postgres://database/?sslmode=disable&query_mode=simple&wait=grouped&query_timeout=10&connect_timeout=10',
    'predict',
  ],
  [
    'postgres:fast',
    'postgres://database/?sslmode=disable&query_mode=prepared&wait=grouped&query_timeout=10&connect_timeout=10&pgml.predictor=fast',
    'predict',
  ],
  [
    'postgres:constant',
    'postgres://database/?sslmode=disable&query_mode=prepared&wait=grouped&query_timeout=10&connect_timeout=10',
    'constant',
  ],
  [
    'postgres:null',
    'postgresql://nothing/?query_mode=prepared&wait=grouped&query_timeout=10&connect_timeout=10',
    'constant',
  ],
  ['python', 'http://service/', ''],
  ['python:framework', 'http://service/framework', ''],
  ['python:store', 'http://service/store', ''],
  ['python:null', 'https://nothing/', ''],
  ['python:3', 'http://third/path', ''],
])('%s connects to %s', async (list, address, query) => {
  const { world, sides } = await sidesOf(list, addresses)
  const asked: [string, unknown][] = []
  world.answer = (to, key) => {
    asked.push([to, key])
    return { ms: 1, value: query ? 2.5 : [2.5] }
  }
  const [side] = sides.parseSides('LIST', '')
  if (!side) throw new Error('no side')
  sides.checkSide(side)
  const ask = sides.connectSide(side)
  expect(ask(1)).toBe(2.5)
  expect(world.opened.map((one) => one.address)).toEqual([address])
  const [[to, key] = ['', undefined]] = asked
  expect(to.startsWith(address)).toBe(true)
  if (query) {
    expect(key).toEqual([36, 2013, 2, 2])
    expect(to.includes('pgml.predict(')).toBe(query === 'predict')
    expect(world.opened[0]?.options).toEqual({ max_open_conns: 1, max_idle_conns: 1 })
  } else {
    expect(key).toBe('[36,2013,2,2]')
    expect(world.opened[0]?.options).toMatchObject({
      headers: { 'Content-Type': 'application/json' },
      answer: 'json',
      wait: 'grouped',
      timeout: '10s',
    })
  }
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
  ['python', { SERIALIZER: 'xml' }, "SERIALIZER: 'xml'"],
])('%s with %j is refused before anything starts', async (list, env, expected) => {
  const { world, sides } = await sidesOf(list, env)
  const [side] = sides.parseSides('LIST', '')
  expect(() => side && sides.checkSide(side)).toThrow(expected)
  expect(world.opened).toEqual([])
})

test('a limit for connecting that the address has is kept', async () => {
  for (const [address, limits] of [
    ['postgres://database/?connect_timeout=3', 1],
    ['postgres://database/?x=y&connect_timeout=3', 1],
    ['postgres://database/?no_connect_timeout=3', 2],
  ] as const) {
    const { world, sides } = await sidesOf('postgres', { POSTGRES_URL: address })
    for (const side of sides.parseSides('LIST', '')) sides.connectSide(side)
    expect(world.opened[0]?.address.match(/connect_timeout/g)).toHaveLength(limits)
  }
})

test('a pool that all share is asked for in the address', async () => {
  const { world, sides } = await sidesOf('postgres', { POOL: '5' })
  for (const side of sides.parseSides('LIST', '')) sides.connectSide(side)
  expect(world.opened[0]?.address).toBe(
    'postgres://database/?query_mode=prepared&wait=grouped&query_timeout=10&connect_timeout=10&pool=5',
  )
})

test.each([
  ['postgres', [], 'expected one row with a finite number, got []'],
  ['postgres', '3', 'expected one row with a finite number, got "3"'],
  ['postgres', Number.NaN, 'expected one row with a finite number, got null'],
  ['postgres', Number.POSITIVE_INFINITY, 'expected one row with a finite number, got null'],
  ['python', [1, 2], 'expected an array of one number, got [1,2]'],
  ['python', { 0: 1, length: 1 }, 'expected an array of one number, got {"0":1,"length":1}'],
  ['python', ['1'], 'expected an array of one number, got ["1"]'],
  ['python', [null], 'expected an array of one number, got [null]'],
  ['python', 'x'.repeat(300), `expected an array of one number, got "${'x'.repeat(199)}`],
])('of %s %j is a wrong answer', async (list, value, expected) => {
  const { world, sides, ask } = await sidesOf(list)
  world.answer = () => ({ ms: 1, value })
  const [side] = sides.parseSides('LIST', '')
  const once = side && sides.connectSide(side)
  let thrown: unknown
  try {
    once?.(0)
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(ask.WrongAnswer)
  expect((thrown as Error).message).toBe(expected)
})

test('an answer that is no JSON is a wrong one; what else is thrown is none', async () => {
  const { world, sides, ask } = await sidesOf('python')
  const [side] = sides.parseSides('LIST', '')
  const once = side && sides.connectSide(side)
  const broken = new SyntaxError('Unexpected token <')
  world.answer = () => ({ ms: 1, error: broken })
  expect(() => once?.(0)).toThrow(ask.WrongAnswer)
  expect(() => once?.(0)).toThrow('expected JSON: Unexpected token <')
  const lost = new Error('connection reset')
  world.answer = () => ({ ms: 1, error: lost })
  expect(() => once?.(0)).toThrow(lost)
})

test('MessagePack is sent and read as such', async () => {
  const { world, sides, ask } = await sidesOf('python', { SERIALIZER: 'msgpack' })
  const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex')).buffer
  const bodies: string[] = []
  world.answer = (_, body) => {
    bodies.push(Buffer.from(body as ArrayBuffer).toString('hex'))
    return { ms: 1, value: bytes('91cb3ff8000000000000') }
  }
  const [side] = sides.parseSides('LIST', '')
  const once = side && sides.connectSide(side)
  expect(once?.(0)).toBe(1.5)
  expect(bodies).toEqual(['94d200000023d2000007ddd200000001d200000001'])
  expect(world.opened[0]?.options).toMatchObject({
    headers: { 'Content-Type': 'application/msgpack' },
    answer: 'binary',
  })
  world.answer = () => ({ ms: 1, value: bytes('9105') })
  expect(() => once?.(0)).toThrow(ask.WrongAnswer)
  expect(() => once?.(0)).toThrow('expected an array of one number, got 2 bytes')
})

test('each service tells who answered, and each connection what it had to replace', async () => {
  const { world, sides } = await sidesOf('postgres,python,python:framework', addresses)
  world.answer = (to) => ({ ms: 1, value: to.startsWith('http') ? [1] : 1, headers: { 'X-Worker': '7' } })
  world.lost = 2
  for (const side of sides.parseSides('LIST', '')) {
    const once = sides.connectSide(side)
    once(0)
    expect(once.label?.()).toBe(side.target === 'python' ? '7' : undefined)
    if (side.target === 'python') expect(once.isPrepared()).toBe(true)
    expect(once.replaced()).toBe(2)
  }
})

test('a side names the variable of its address', async () => {
  const { sides } = await sidesOf('postgres:fast,postgres:null,python:store,python:null,python:4')
  expect(sides.parseSides('LIST', '').map(sides.variableOf)).toEqual([
    ...['POSTGRES_URL', 'NULL_POSTGRES_URL', 'PYTHON_URL', 'NULL_PYTHON_URL', 'PYTHON_URL_4'],
  ])
})

test.each([
  [1, true],
  [0, false],
])('with %i prepared statements the server holds it: %s', async (statements, expected) => {
  const { world, sides } = await sidesOf('postgres')
  const asked: string[] = []
  world.answer = (to) => {
    asked.push(to)
    return { ms: 1, value: [{ statements }] }
  }
  const [side] = sides.parseSides('LIST', '')
  expect(side && sides.connectSide(side).isPrepared()).toBe(expected)
  expect(asked[0]).toContain('FROM pg_prepared_statements')
  expect(asked[0]).toContain("statement LIKE 'SELECT pgml.predict(%'")
})
