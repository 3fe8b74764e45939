/** A user's table: what is understood of it, what is written, and what is said of one that cannot be used. */
import { mkdtempSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test, vi } from 'vitest'
import { BadInput } from '../build/failure.ts'
import { literal } from '../workload/identifier.ts'
import { withDuckDb } from './duckdb.ts'
import { readKeys } from './prepared.ts'
import { describeTable, type GivenTable, prepareTable } from './table.ts'

const folder = vi.hoisted(() => ({ path: '' }))
vi.mock('../build/paths.ts', async (original) => {
  folder.path ||= mkdtempSync(path.join(tmpdir(), 'tables '))
  return {
    ...(await original<object>()),
    inCache: (...parts: string[]) => path.join(folder.path, 'cache', ...parts),
  }
})
afterAll(() => rm(folder.path, { recursive: true }))

const usual = { target: 'y', key: ['id'], hyperparameters: { n_estimators: 25 } }

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const written = path.join(folder.path, name)
  await mkdir(path.dirname(written), { recursive: true })
  await writeFile(written, content)
  return written
}

/** Lines `id,a,y`, from ten columns' values at a time. */
const csv = (head: string, row: (index: number) => string, rows = 10) =>
  [head, ...Array.from({ length: rows }, (_, index) => row(index + 1)), ''].join('\n')

const good = csv('id,a,y', (each) => `${each},${each / 8},${each * 3}`)

async function refusal(given: Partial<GivenTable> & { data: string }): Promise<string> {
  const error = await describeTable({ ...usual, ...given }).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(BadInput)
  expect((error as BadInput).hint).toMatch(/\S/)
  return (error as BadInput).text
}

test('columns have types and roles by what they hold', async () => {
  const data = await file(
    'customers.csv',
    csv(
      'id,plan,age,calls,vip,big,label,more',
      (each) =>
        `C-${each},${each % 2 ? 'b' : each % 3 ? 'a' : ''},${each}.5,${each}.0,${each % 2 === 0},${5e9 + each},${each * 2},${each}`,
    ),
  )
  const { dataset, coded, rows, keys } = await describeTable({
    ...{ data, target: 'label', key: ['id', 'calls'], hyperparameters: { n_estimators: 3, max_depth: 2 } },
    features: ['vip', 'big', 'age', 'plan'],
  })
  expect(dataset).toEqual({
    name: 'customers',
    columns: [
      { name: 'plan', type: 'integer', nullable: true },
      { name: 'age', type: 'double precision', nullable: false },
      { name: 'vip', type: 'smallint', nullable: false },
      { name: 'big', type: 'bigint', nullable: false },
      { name: 'label', type: 'integer', nullable: false },
      { name: 'id', type: 'text' },
      { name: 'calls', type: 'integer' },
    ],
    // As the file has them, whatever their order in the flag.
    features: ['plan', 'age', 'vip', 'big'],
    target: 'label',
    key: ['id', 'calls'],
    task: 'regression',
    hyperparameters: { n_estimators: 3, max_depth: 2 },
    testSize: 0.25,
  })
  expect(coded.map(({ roles, coding }) => `${roles.join()}: ${coding}`)).toEqual([
    'feature: rank of its 2 texts in byte order, from 1',
    'feature: as it is',
    'feature: false 0, true 1',
    'feature: as it is',
    'target: as it is',
    'key: as text',
    'key: as it is',
  ])
  expect([rows, keys]).toEqual([10, 10])
})

test('keys whose numbers begin with zeros are texts: each stays its own', async () => {
  const ids = ['007', '7', '07', '0', '10', '12', '13', '14', '15', '-016']
  const data = await file(
    'zeros.csv',
    csv('id,a,y', (each) => `${ids[each - 1]},0.5,${each * 3}`),
  )
  const { dataset, keys } = await describeTable({ ...usual, data })
  expect([keys, dataset.columns.at(-1)]).toEqual([10, { name: 'id', type: 'text' }])
  expect((await readKeys(await prepare({ data }))).map(([id]) => id).sort()).toEqual([...ids].sort())
})

test.each([
  [(each: number) => (each % 2 ? 'yes' : 'no'), 'classification'],
  [(each: number) => each % 2 === 0, 'classification'],
  [(each: number) => (each % 2) + 7, 'classification'],
  [(each: number) => each % 3, 'regression'],
  [(each: number) => (each % 2) / 2, 'regression'],
] as [(each: number) => unknown, string][])('%s is a %s where nothing is said', async (target, task) => {
  const data = await file(
    'tasks.csv',
    csv('id,a,y', (each) => `${each},${each},${target(each)}`),
  )
  expect((await describeTable({ ...usual, data })).dataset.task).toBe(task)
})

const prepare = (given: Partial<GivenTable> & { data: string }) =>
  prepareTable({ ...usual, ...given }, () => {})

const lines = async (written: string) => (await readFile(written, 'utf8')).trimEnd().split('\n')

test('values are coded once, and the dictionary turns each code back', async () => {
  const rows = ['x,é,2', 'y,"b,""c",10', 'z,,2', '"%:",a,2', 'w,a,10']
  const data = await file('coded.csv', ['id,t,y', ...rows, ''].join('\n'))
  const prepared = await prepare({ data, task: 'classification' })
  expect(await lines(prepared.csv)).toEqual([
    't,y,"id"',
    '3,0,"x"',
    '2,1,"y"',
    ',0,"z"',
    '1,0,"%:"',
    '1,1,"w"',
  ])
  expect(JSON.parse(await readFile(prepared.dictionaries, 'utf8'))).toEqual({
    t: { a: 1, 'b,"c': 2, é: 3 },
    // Numbers come in the order of numbers, not of their texts.
    y: { 2: 0, 10: 1 },
  })
  expect(await readKeys(prepared)).toEqual([['x'], ['y'], ['z'], ['%:'], ['w']])
  expect(JSON.parse(await readFile(prepared.description, 'utf8'))).toEqual(prepared.dataset)
})

test('numbers are written as Postgres writes them', async () => {
  // Of float8out, with which the table is compared byte by byte.
  const texts = {
    '0.1': '0.1',
    '1.5e-7': '1.5e-07',
    '1e-5': '1e-05',
    '0.0001': '0.0001',
    '123456789012345.6': '123456789012345.6',
    '1234567890123456.5': '1.2345678901234565e+15',
    '-1500000000000000.5': '-1.5000000000000005e+15',
    '1e15': '1e+15',
    '1e20': '1e+20',
    '1e-50': '0',
    '7': '7',
  }
  const data = await file(
    'numbers.csv',
    csv('id,a,y', (each) => `${each},${Object.keys(texts)[each - 1]},${each}`, 11),
  )
  const prepared = await prepare({ data })
  const written = (await lines(prepared.csv)).slice(1).map((line) => line.split(',')[0])
  expect(written).toEqual(Object.values(texts))
})

test.each([
  'csv',
  'tsv',
  'csv.gz',
  'parquet',
  'jsonl',
  'jsonl.gz',
  'parts/*.csv',
])('the same rows come from %s', async (ending) => {
  const from = await file('rows.csv', good)
  const tabs = good.replaceAll(',', '\t')
  const inJson = good
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map(Number))
    .map(([id, a, y]) => JSON.stringify({ id, a, y }))
    .join('\n')
  let data = path.join(folder.path, `rows.${ending}`)
  if (ending === 'tsv') data = await file('rows.tsv', tabs)
  if (ending === 'csv.gz') data = await file('rows.csv.gz', gzipSync(good))
  if (ending === 'jsonl') data = await file('rows.jsonl', inJson)
  if (ending === 'jsonl.gz') data = await file('rows.jsonl.gz', gzipSync(inJson))
  if (ending === 'parquet')
    await withDuckDb((db) => db.run(`COPY (SELECT * FROM read_csv(${literal(from)})) TO ${literal(data)}`))
  if (ending === 'parts/*.csv') {
    const [head = '', ...rows] = good.trimEnd().split('\n')
    await file('parts/rows-1.csv', [head, ...rows.slice(0, 4)].join('\n'))
    await file('parts/rows-2.csv', [head, ...rows.slice(4)].join('\n'))
    data = path.join(folder.path, 'parts', '*.csv')
  }
  const prepared = await prepare({ data })
  expect((await lines(prepared.csv)).slice(1)).toEqual(
    good
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.replace(/^(\d+),([^,]+),(\d+)$/, '$2,$3,$1')),
  )
})

test.each(['rows [1].csv', 'rows*.csv', "it's.csv", 'rows?.tsv'])('a file may be called %s', async (name) => {
  await file('rowsX.csv', good.replaceAll(',', ';'))
  const data = await file(name, name.endsWith('.tsv') ? good.replaceAll(',', '\t') : good)
  expect((await describeTable({ ...usual, data })).rows).toBe(10)
})

test('a mark before the text is none of the first name', async () => {
  const data = await file('marked.csv', `\uFEFF${good}`)
  expect((await describeTable({ ...usual, data })).dataset.key).toEqual(['id'])
})

test('what lies ready is made anew where the content or a flag is another', async () => {
  const data = await file('again.csv', good)
  const told: string[] = []
  const again = (more: Partial<GivenTable> = {}) =>
    prepareTable({ ...usual, data, ...more }, (what) => told.push(what))
  const first = await again()
  expect(told).toEqual(['reading', 'writing 10 rows'])
  expect(await again()).toEqual(first)
  expect(told).toHaveLength(2)
  await again({ hyperparameters: { n_estimators: 7 } })
  expect(told).toHaveLength(4)
  await file('again.csv', good.replace('\n1,', '\n11,'))
  await again({ hyperparameters: { n_estimators: 7 } })
  expect(told).toHaveLength(6)
})

test('what lies ready is told in words; where one of its files is gone or its mark is broken it is made anew', async () => {
  const data = await file('ready.csv', good)
  const told: string[] = []
  const again = () => prepareTable({ ...usual, data }, (what) => told.push(what))
  const first = await again()
  expect(first.about).toBe('10 of ready.csv')
  expect((await again()).about).toBe('10 of ready.csv')
  expect(told).toHaveLength(2)
  await rm(first.keys)
  await again()
  expect(told).toHaveLength(4)
  await writeFile(path.join(path.dirname(first.csv), 'made-from.json'), '{')
  expect(await again()).toEqual(first)
  expect(told).toHaveLength(6)
})

test.each([
  {},
  { target: 'y' },
  { key: ['id'] },
])('who says no more than %j is asked for target and key, unless the source is known', async (said) => {
  const given = { data: await file('unknown.csv', good), hyperparameters: {}, ...said }
  const error = await describeTable(given).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(BadInput)
  const { message, hint } = error as BadInput
  expect(message).toMatch(/unknown\.csv is no source that is known by the names of its columns \(.+; .+\)$/)
  expect(hint).toBe('Say by --target which column is predicted, and by --key what it is asked for by')
})

const with10 = (head: string, row: (each: number) => string) => csv(head, row)

/** Each with what it is called, what it holds, what is said of it, and what else is asked. */
const bad: [string, string, string[], Partial<GivenTable>?][] = [
  ['empty.csv', '', ['empty.csv is empty']],
  ['head.csv', 'id,a,y\n', ['There are 0 rows', '4 at the least']],
  ['few.csv', csv('id,a,y', (each) => `${each},1,${each}`, 3), ['There are 3 rows']],
  ['twice.csv', good.replace('id,a,y', 'id,a,a'), ["the column 'a' twice"]],
  ['cases.csv', with10('id,a,A,y', (each) => `${each},1,2,${each}`), ["the column 'A' twice"]],
  ['unnamed.csv', with10('id,,y', (each) => `${each},1,${each}`), ['a column without a name']],
  ['ragged.csv', `${good}11,2\n`, ['ragged.csv, line 12: has fewer values than there are columns']],
  ['wide.csv', `${good}11,2,3,4\n`, ['wide.csv, line 12: has more values than there are columns']],
  ['quote.csv', `${good}11,"2,3\n`, ['quote.csv, line 12: has a quote that is not closed']],
  ['latin.csv', 'id,a,y\n1,\u00e9,2\n', ['latin.csv, line 2: is no UTF-8']],
  ['rows.xlsx', good, ['cannot be told from its name', '.parquet']],
  ['no.parquet', good, ['no.parquet cannot be read']],
  ['no.jsonl', '{"id": 1,\n', ['no.jsonl cannot be read']],
  ['ok.csv', good, ['--target "delay": there is no such column, only id, a, y'], { target: 'delay' }],
  ['ok.csv', good, ['--key "nr": there is no such column'], { key: ['nr'] }],
  ['ok.csv', good, ['--features "b": there is no such column'], { features: ['a', 'b'] }],
  ['ok.csv', good, ['--features names a twice'], { features: ['a', 'a'] }],
  ['ok.csv', good, ['--target y is in --key, too'], { key: ['id', 'y'] }],
  ['ok.csv', good, ['--target y is in --features, too'], { features: ['a', 'y'] }],
  ['only.csv', with10('id,y', (each) => `${each},${each}`), ['No column is left to learn from']],
  [
    'dates.csv',
    with10('id,a,day,y', (each) => `${each},${each},2024-01-0${each % 9 || 1},${each}`),
    ['day holds dates or times (DATE)', 'leave it out', '--features a'],
  ],
  [
    'nested.jsonl',
    Array.from({ length: 9 }, (_, id) =>
      JSON.stringify({ id, a: id, list: [1], more: { b: 1 }, y: id }),
    ).join('\n'),
    ['list holds BIGINT[]', 'more holds STRUCT', '--features a'],
  ],
  [
    'names.csv',
    csv('id,a,who,y', (each) => `${each},${each},n${each},${each}`, 100_001),
    ['who has 100,001 different texts, of which there may be 100,000', 'leave it out', '--features a'],
  ],
  [
    'stray.csv',
    csv('id,a,b,y', (each) => `${each},${each},${each === 7 ? 'seven' : each / 2},${each}`, 40),
    [
      "b holds numbers, but for 1 row with a text, as 'seven'",
      'correct these, or leave it out',
      '--features a',
    ],
  ],
  [
    'nothing.csv',
    with10('id,a,none,y', (each) => `${each},${each},NA,${each}`),
    ['none has no value in any row: leave it out', '--features a'],
  ],
  [
    'large.csv',
    with10('id,a,b,y', (each) => `${each},${each},${each === 3 ? '1e300' : '1'},${each}`),
    ['b holds 1e+300, which no 32-bit float holds', '--features a'],
  ],
  [
    'infinite.csv',
    with10('id,a,b,y', (each) => `${each},${each},${each === 3 ? 'inf' : '1.5'},${each}`),
    ['b holds inf', '--features a'],
  ],
  [
    'missing.csv',
    with10('id,a,y', (each) => `${each},${each},${each > 8 ? '' : each}`),
    ['y is the target and has no value in 2 rows: leave these rows out'],
  ],
  [
    'constant.csv',
    with10('id,a,y', (each) => `${each},${each},5`),
    ['y is the target and the same in all rows'],
  ],
  [
    'classes.csv',
    csv('id,a,y', (each) => `${each},${each},${each}`, 1200),
    ['y is the target and has 1,200 classes', 'regression'],
    { task: 'classification' },
  ],
  [
    'texts.csv',
    with10('id,a,y', (each) => `${each},${each},t${each % 2}`),
    ['y is the target and holds texts'],
    { task: 'regression' },
  ],
  [
    'sorted.csv',
    with10('id,a,y', (each) => `${each},${each},${each > 8 ? 'late' : each % 2 ? 'x' : 'z'}`),
    ['y is late in the last quarter of the rows only', 'Mix the rows'],
  ],
  [
    'day-target.csv',
    with10('id,a,y', (each) => `${each},${each},2024-01-0${each % 9 || 1}`),
    ['y holds DATE'],
  ],
  [
    'keys.csv',
    csv('id,a,y', (each) => `${each % 2},${each},${each}`, 2600),
    ['--key id: 1,300 rows share one key, of which there may be 1000', '--key customer_id,month'],
  ],
  [
    'no-key.csv',
    with10('id,a,y', (each) => `${each > 7 ? '' : each},${each},${each}`),
    ['id is in the key and has no value in 3 rows'],
  ],
  [
    'fractions.csv',
    with10('id,a,y', (each) => `${each}.5,${each},${each}`),
    ['id is in the key and holds fractions'],
  ],
  [
    'long.csv',
    with10('id,a,y', (each) => `${'x'.repeat(300)}${each},${each},${each}`),
    ['id is in the key and holds a text of 30', 'of which there may be 200'],
  ],
  [
    'both.csv',
    with10('id,a,y', (each) => `c${each},${each},${each}`),
    ['id is in the key and a feature'],
    { features: ['id', 'a'] },
  ],
  ['name.csv', with10(`id,${'n'.repeat(64)},y`, (each) => `${each},${each},${each}`), ['at most 63 bytes']],
  ['bracket.csv', with10('id,age[0],y', (each) => `${each},${each},${each}`), ['without [, ] and <']],
  ['ok.csv', good, ['n_estimators'], { hyperparameters: { n_estimators: 0 } }],
]

test.each(bad)('%s is refused: %#', async (name, content, parts, more = {}) => {
  const bytes = name === 'latin.csv' ? Buffer.from(content, 'latin1') : content
  const text = await refusal({ data: await file(`bad/${name}`, bytes), ...more })
  for (const part of parts) expect(text).toContain(part)
})

test('what is not there is said', async () => {
  expect(await refusal({ data: path.join(folder.path, 'none.csv') })).toContain('no such file')
  expect(await refusal({ data: path.join(folder.path, 'none-*.csv') })).toContain('no file matches')
  expect(await refusal({ data: folder.path })).toContain('is no file')
})

test('all that is wrong is said at once', async () => {
  const data = await file(
    'bad/many.csv',
    with10('id,a,day,none,y', (each) => `${each}.5,${each},2024-01-01,,${each === 1 ? '' : each}`),
  )
  const text = await refusal({ data })
  for (const part of ['day holds', 'none has', 'y is the target', 'id is in the key'])
    expect(text).toContain(part)
})
