import { expect, test } from 'vitest'
import { inScenario } from '../in-node/scenario.ts'

type Settings = typeof import('./settings.ts')

async function withEnv(env: Record<string, string | undefined>): Promise<Settings> {
  await inScenario(env)
  return import('./settings.ts')
}

const reads: Record<string, (settings: Settings) => unknown> = {
  'a whole number': ({ wholeNumber }) => wholeNumber('X', 7),
  'a whole number from 0': ({ wholeNumber }) => wholeNumber('X', 7, 0),
  seconds: ({ seconds }) => seconds('X', 1.5),
  'a choice': ({ oneOf }) => oneOf('X', ['a', 'b'], 'b'),
  'whole numbers': ({ wholeNumbers }) => wholeNumbers('X', [1]),
  'a text': ({ text }) => text('X', 'otherwise'),
  'a URL': ({ url }) => url('X', ['http://', 'https://']),
}

test.each<[string, string | undefined, unknown]>([
  ['a whole number', undefined, 7],
  ['a whole number', '', 7],
  ['a whole number', '1', 1],
  ['a whole number', '20', 20],
  ['a whole number from 0', '0', 0],
  ['seconds', undefined, 1.5],
  ['seconds', '1', 1],
  ['seconds', '2.5', 2.5],
  ['a choice', undefined, 'b'],
  ['a choice', 'a', 'a'],
  ['whole numbers', undefined, [1]],
  ['whole numbers', '1,5,20', [1, 5, 20]],
  ['a text', undefined, 'otherwise'],
  ['a text', 'this', 'this'],
  ['a URL', 'http://a/', 'http://a/'],
  ['a URL', 'https://a/', 'https://a/'],
])('%s from %j is %j', async (what, given, expected) => {
  expect(reads[what]?.(await withEnv({ X: given }))).toEqual(expected)
})

test.each<[string, string | undefined, string]>([
  ['a whole number', '0', "X: '0'; expected a whole number of at least 1"],
  ['a whole number', '1.5', "X: '1.5'; expected a whole number of at least 1"],
  ['a whole number', 'x', "X: 'x'; expected a whole number of at least 1"],
  ['a whole number from 0', '-1', "X: '-1'; expected a whole number of at least 0"],
  ['seconds', '0.9', "X: '0.9'; expected a number of seconds of at least 1"],
  ['seconds', 'Infinity', "X: 'Infinity'; expected a number of seconds of at least 1"],
  ['a choice', 'c', "X: 'c'; expected one of a, b"],
  ['whole numbers', '1,0', "X: '1,0'; expected whole numbers above 0, each once, separated by commas"],
  ['whole numbers', '1,2.5', "X: '1,2.5'; expected whole numbers above 0, each once, separated by commas"],
  ['whole numbers', '1,,2', "X: '1,,2'; expected whole numbers above 0, each once, separated by commas"],
  // The second time all would wait at meetings that are over.
  ['whole numbers', '5,1,5', "X: '5,1,5'; expected whole numbers above 0, each once, separated by commas"],
  ['a URL', undefined, 'X: is not set; expected a URL that begins with http:// or https://'],
  // The value may hold a password.
  ['a URL', 'ftp://me:secret@a/', "X: '(a value that does not fit)'; expected a URL"],
])('%s from %j is refused', async (what, given, expected) => {
  const settings = await withEnv({ X: given })
  expect(() => reads[what]?.(settings)).toThrow(expected)
})

test('what scenarios take where nothing is said, and each choice', async () => {
  const { seed, pool, samples, queryMode } = await withEnv({})
  expect([seed(), pool(), samples(), queryMode()]).toEqual([1, 0, true, 'prepared'])
  const chosen = await withEnv({
    SEED: '0',
    POOL: '0',
    SAMPLES: 'off',
    QUERY_MODE: 'simple',
  })
  expect([chosen.seed(), chosen.pool(), chosen.samples(), chosen.queryMode()]).toEqual([
    ...[0, 0, false, 'simple'],
  ])
  const more = await withEnv({ QUERY_MODE: 'extended', SAMPLES: 'on', POOL: '5' })
  expect([more.queryMode(), more.samples(), more.pool()]).toEqual(['extended', true, 5])
})

test('each variable is named by what refuses it', async () => {
  const wrong = { SEED: '-1', POOL: 'x', SAMPLES: 'x', QUERY_MODE: 'x' }
  const { seed, pool, samples, queryMode } = await withEnv(wrong)
  for (const [index, read] of [seed, pool, samples, queryMode].entries())
    expect(read).toThrow(`${Object.keys(wrong)[index]}: '`)
})

test('a file of certificates, where one is given', async () => {
  expect((await withEnv({ CA_FILE: '/my/ca.pem' })).certificates()).toBe('/my/ca.pem')
  expect((await withEnv({})).certificates()).toBe('')
})
