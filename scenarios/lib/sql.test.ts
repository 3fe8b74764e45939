import { expect, test } from 'vitest'
import { type AnswerKind, type AnyKey, type SqlSide, sql, workload } from '../../workload/workload.ts'
import { inScenario } from '../in-node/scenario.ts'

interface Customer {
  id: string
  since: number
}
const customers: Customer[] = [
  { id: 'a', since: 2001 },
  { id: 'b', since: 2002 },
]

interface Given {
  answer?: AnswerKind
  env?: Record<string, string>
  texts?: Record<string, string>
  /** As it is asked for; absent: the side itself. */
  word?: string
}

/** A connection to a database of customers. */
async function connected(
  more: Partial<Omit<SqlSide<AnyKey>, 'protocol'>> = {},
  { answer = 'number', env = {}, texts = {}, word = 'database' }: Given = {},
) {
  const side = sql<Customer>({
    name: 'database',
    address: 'DATABASE_URL',
    query: 'SELECT score FROM scores WHERE customer = $1',
    parameters: ({ id }) => [id],
    ...more,
  })
  const own = { workload: workload<Customer>({ name: 'churn', keys: 'k', answer, sides: [side] }), texts }
  const world = await inScenario(
    { DATABASE_URL: 'postgres://db/', NULL_DATABASE_URL: 'postgres://nothing/', ...env },
    { 'keys.json': JSON.stringify(customers) },
    0,
    own,
  )
  const { sidesOf } = await import('./workload.ts')
  const { checkSql, connectSql } = await import('./sql.ts')
  const { WrongAnswer } = await import('./ask.ts')
  const [resolved] = sidesOf('LIST', [word])
  if (resolved?.protocol !== 'sql') throw new Error('no such side')
  return { world, side: resolved, check: () => checkSql(resolved), WrongAnswer, ask: connectSql(resolved) }
}

/** What a value is read as: an answer, or the message of a wrong one. */
async function told(value: unknown, ...given: Parameters<typeof connected>): Promise<unknown> {
  const { world, ask, WrongAnswer } = await connected(...given)
  world.answer = () => ({ ms: 1, value })
  try {
    return ask(0)
  } catch (error) {
    expect(error).toBeInstanceOf(WrongAnswer)
    expect((error as { kind?: string }).kind).toBe('wrong answer')
    return (error as Error).message
  }
}

test.each<[AnswerKind, unknown]>([
  ['number', 0],
  ['number', -1.5],
  ['numbers', [1, 2.5]],
  // An array of the driver's own: it can be indexed, and that is all.
  ['numbers', { 0: 1, 1: 2, length: 2 }],
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
  ['number', true, 'a finite number, got true'],
  ['number', [], 'a finite number, got []'],
  ['number', [{ a: 1, b: 2 }], 'a finite number, got [{"a":1,"b":2}]'],
  ['numbers', 1, 'a list of finite numbers, got 1'],
  // No row at all, an empty list, and several rows.
  ['numbers', [], 'a list of finite numbers, got []'],
  ['numbers', [1, null], 'a list of finite numbers, got [1,null]'],
  ['numbers', [{ a: 1 }, { a: 2 }], 'a list of finite numbers, got [{"a":1},{"a":2}]'],
  ['numbers', [1, Number.NaN], 'a list of finite numbers, got [1,NaN]'],
  ['text', 1, 'a text, got 1'],
  ['text', null, 'a text, got null'],
  ['truth', 1, 'true or false, got 1'],
  ['truth', 'true', 'true or false, got "true"'],
])('of %s %j is a wrong answer', async (answer, value, expected) => {
  expect(await told(value, {}, { answer })).toBe(`expected one row with ${expected}`)
})

test('a value is taken from the rows', async () => {
  const value = (rows: readonly Readonly<Record<string, unknown>>[]) => rows.map(({ score }) => score)
  expect(await told([{ score: 1 }, { score: 2 }], { value }, { answer: 'numbers' })).toEqual([1, 2])
  expect(await told([], { value }, { answer: 'numbers' })).toBe(
    'expected a list of finite numbers, got [] from the rows []',
  )
  expect(await told([{ score: '1' }], { value }, { answer: 'numbers' })).toBe(
    'expected a list of finite numbers, got ["1"] from the rows [{"score":"1"}]',
  )
})

test('rows that the function does not know make a wrong answer', async () => {
  const value = (rows: readonly Readonly<Record<string, unknown>>[]) =>
    (rows[0] as { score: number }).score.toFixed()
  expect(await told([{ score: 1.2 }], { value }, { answer: 'text' })).toBe('1')
  expect(await told([], { value }, { answer: 'text' })).toBe(
    "its value throws: Cannot read properties of undefined (reading 'score') from the rows []",
  )
})

test.each<[AnswerKind, unknown]>([
  ['number', 'x'],
  ['text', 1],
  ['truth', 1],
  ['numbers', 1],
])('a null server may answer %s by anything', async (answer, value) => {
  const word = 'database:null'
  expect(await told(value, {}, { answer, word })).toBe(value)
  const own = (rows: readonly unknown[]) => rows[0]
  expect(await told([value], { value: own }, { answer, word })).toBe(value)
  const fails = () => {
    throw new Error('not such rows')
  }
  expect(await told([value], { value: fails }, { answer, word })).toBeUndefined()
})

test('what fails is no wrong answer', async () => {
  const { world, ask } = await connected()
  const lost = Object.assign(new Error('connection closed'), { kind: 'connection closed' })
  world.answer = () => ({ ms: 1, error: lost })
  expect(() => ask(0)).toThrow(lost)
})

test('parameters are made of the keys once, before the load', async () => {
  let made = 0
  const parameters = ({ id, since }: Customer) => {
    made++
    return [id, since]
  }
  const { world, check, ask } = await connected({ parameters })
  check()
  expect(made).toBe(2)
  const asked: unknown[] = []
  world.answer = (_, key) => {
    asked.push(key)
    return { ms: 1, value: 1 }
  }
  for (const position of [1, 0, 1]) ask(position)
  expect(asked).toEqual([
    ['b', 2002],
    ['a', 2001],
    ['b', 2002],
  ])
  expect(made).toBe(2)
})

test('a key of which no parameters can be made is named with the side', async () => {
  const parameters = ({ id }: Customer) => {
    if (id === 'b') throw new Error('who is b?')
    return [id]
  }
  await expect(connected({ parameters })).rejects.toThrow(
    'database: key 2 of keys.json, {"id":"b","since":2002}: who is b?',
  )
})

test('a query may stand in a file', async () => {
  const texts = { './score.sql': 'SELECT score FROM elsewhere' }
  const { world, ask } = await connected({ query: { file: './score.sql' } }, { texts })
  const asked: string[] = []
  world.answer = (to) => {
    asked.push(to)
    return { ms: 1, value: 1 }
  }
  ask(0)
  expect(asked[0]?.endsWith(' SELECT score FROM elsewhere')).toBe(true)
})

test('settings of the session go with the address, whatever is in them', async () => {
  const { world } = await connected(
    { settings: { search_path: 'my schema,public', 'my.flag': 'a&b=c' } },
    { env: { DATABASE_URL: 'postgres://db/?application_name=x' } },
  )
  const { searchParams } = new URL(world.opened[0]?.address ?? '')
  expect(Object.fromEntries(searchParams)).toEqual({
    application_name: 'x',
    search_path: 'my schema,public',
    'my.flag': 'a&b=c',
    query_mode: 'prepared',
    query_timeout: '10',
    connect_timeout: '10',
  })
})

test.each([
  [{}, 'database', {}, 'prepared'],
  [{}, 'database', { QUERY_MODE: 'simple' }, 'simple'],
  [{ mode: 'extended' }, 'database', { QUERY_MODE: 'simple' }, 'extended'],
  [{ mode: 'extended' }, 'database:prepared', {}, 'prepared'],
] as const)('%j, asked for as %s with %j, is sent in the %s mode', async (more, word, env, mode) => {
  const { world } = await connected(more, { word, env })
  expect(new URL(world.opened[0]?.address ?? '').searchParams.get('query_mode')).toBe(mode)
})

test('several keys of a side are not taken for the single ones of another, called as the two together', async () => {
  const one = sql<Customer>({
    ...{ name: 'a', address: 'DATABASE_URL', query: 'SELECT 1', parameters: ({ id }) => [id] },
    batch: { query: 'SELECT many', parameters: (keys) => [keys.map(({ id }) => id)] },
  })
  const other = sql<Customer>({
    ...{ name: 'a-batch2', address: 'DATABASE_URL', query: 'SELECT 2', parameters: ({ since }) => [since] },
  })
  const sides = [one, other]
  const own = { workload: workload<Customer>({ name: 'churn', keys: 'k', sides }), texts: {} }
  const keys = { 'keys.json': JSON.stringify(customers) }
  const world = await inScenario({ DATABASE_URL: 'postgres://db/' }, keys, 0, own)
  const { sidesOf } = await import('./workload.ts')
  const { connectSql } = await import('./sql.ts')
  const sent: unknown[] = []
  world.answer = (_, key) => {
    sent.push(key)
    return { ms: 1, value: key === undefined ? null : [1, 1] }
  }
  for (const side of sidesOf('LIST', ['a:batch2', 'a-batch2'])) {
    if (side.protocol !== 'sql') throw new Error('no such side')
    try {
      connectSql(side)(0)
    } catch {
      // What is answered is of no matter here.
    }
  }
  expect(sent).toEqual([[['a', 'b']], [2001]])
})
