/** Files that hold no table, or several that are none together: one clear line each. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BadInput } from '../build/failure.ts'
import { literal } from '../workload/identifier.ts'
import { withDuckDb } from './duckdb.ts'
import { refuseBroken } from './faults.ts'
import { readKeyFile } from './keys.ts'
import { describeTable } from './table.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'broken '))
})
afterAll(() => rm(folder, { recursive: true }))

const at = (name: string) => path.join(folder, name)

const rows = Array.from({ length: 4000 }, (_, each) => `${each + 1},${each / 8},${each * 3}`)
const good = ['id,a,y', ...rows, ''].join('\n')
/** Every byte there is. */
const binary = Buffer.from(Array.from({ length: 5000 }, (_, each) => (each * 7919 + (each >> 3)) % 256))
const squeezed = gzipSync(good)

async function parquet(name: string, a: string): Promise<Buffer> {
  await withDuckDb((db) =>
    db.run(
      `COPY (SELECT i AS id, ${a} AS a, 3 * i AS y FROM range(5000) AS all_rows (i)) TO ${literal(at(name))}`,
    ),
  )
  return readFile(at(name))
}

/** What is said of the files that lie there by now. @param given a name or a pattern */
async function refusalOf(given: string): Promise<string> {
  const asked = { target: 'y', key: ['id'], hyperparameters: {} }
  const error = await describeTable({ ...asked, data: at(given) }).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(BadInput)
  expect((error as BadInput).hint).toMatch(/\S/)
  return (error as BadInput).text
}

/** One line, and the hint. */
async function refusal(given: string): Promise<string> {
  const text = await refusalOf(given)
  expect(text.split('\n')).toHaveLength(2)
  return text
}

test('what Zstandard compressed is known to be cut wherever it was cut, and may be several in a row', async () => {
  const numbers = '(SELECT i AS id, i % 1000 / 8 AS a, 3 * i AS y FROM range(60000) AS all_rows (i))'
  await withDuckDb((db) =>
    db.run(`COPY ${numbers} TO ${literal(at('whole.csv.zst'))} (HEADER, COMPRESSION zstd)`),
  )
  const whole = await readFile(at('whole.csv.zst'))
  const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])
  for (const bytes of [whole, Buffer.concat([skippable, whole, whole])]) {
    await writeFile(at('cut.csv.zst'), bytes)
    await expect(refuseBroken(at('cut.csv.zst'), true)).resolves.toBeUndefined()
    // Ends at all places of the beginning and of the end, and at some between.
    const ends = Array.from({ length: 300 }, (_, index) => Math.floor((index * bytes.length) / 300))
    for (const end of new Set([...ends, 1, 2, 3, 4, 5, 6, 8, bytes.length - 4, bytes.length - 1])) {
      const isBetween =
        bytes !== whole && [0, skippable.length, skippable.length + whole.length].includes(end)
      if (end === 0 || isBetween) continue
      await writeFile(at('cut.csv.zst'), bytes.subarray(0, end))
      const refusal = await refuseBroken(at('cut.csv.zst'), true).catch((thrown: unknown) => thrown)
      expect(refusal, String(end)).toBeInstanceOf(BadInput)
      expect((refusal as BadInput).message).toContain('cut.csv.zst is broken: unexpected end of file')
    }
  }
  await writeFile(at('cut.csv.zst'), whole.subarray(0, whole.length / 2))
  expect(await refusal('cut.csv.zst')).toContain('cut.csv.zst is broken: unexpected end of file')
})

// As texts they would be learned by their rank, in which 9,5 is more than 10,5.
test.each(['12,5', '1.234,5', '1,234', '-1,234.5'])('numbers as %s are no texts', async (value) => {
  // Every third one is whole, and has none.
  const lines = Array.from(
    { length: 40 },
    (_, each) => `${each};${each % 3 ? value : each};${each % 5 ? value : each}`,
  )
  await writeFile(at('commas.csv'), ['id;a;y', ...lines, ''].join('\n'))
  const said = await refusalOf('commas.csv')
  for (const name of ['a', 'y'])
    expect(said).toContain(`- ${name} holds numbers with a comma, as '${value}', which are taken for texts`)
})

test('texts with commas are texts', async () => {
  const lines = Array.from({ length: 40 }, (_, each) => `${each};${each % 2 ? '1,2,3' : 'a, b'};${each * 3}`)
  await writeFile(at('texts.csv'), ['id;a;y', ...lines, ''].join('\n'))
  const { coded } = await describeTable({
    data: at('texts.csv'),
    target: 'y',
    key: ['id'],
    hyperparameters: {},
  })
  expect(coded[0]?.coding).toBe('rank of its 2 texts in byte order, from 1')
})

// An error of the disk that nobody listens for would end the process.
test('what cannot be read to its end is told, also where it is compressed', async () => {
  await mkdir(at('folder.csv.gz'))
  const refusal = await refuseBroken(at('folder.csv.gz'), true).catch((thrown: unknown) => thrown)
  expect(refusal).toBeInstanceOf(BadInput)
  expect((refusal as BadInput).message).toContain('folder.csv.gz is broken: EISDIR')
})

test('a name in quotes may hold what stands between the names of others', async () => {
  const lines = Array.from({ length: 8 }, (_, each) => `${each};${each / 8};${each * 3}`)
  await writeFile(at('named.csv'), ['id;"a, b, c";y', ...lines, ''].join('\n'))
  const { dataset } = await describeTable({
    data: at('named.csv'),
    target: 'y',
    key: ['id'],
    hyperparameters: {},
  })
  expect(dataset.columns.map(({ name }) => name).sort()).toEqual(['a, b, c', 'id', 'y'])
})

// DuckDB makes a column of such a folder, and where the file has one of that name its values are gone.
test('what a folder is called takes the place of no column', async () => {
  const folder = at('y=1')
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, 'part.csv'), good)
  const { dataset, coded } = await describeTable({
    ...{ data: path.join(folder, '*.csv'), target: 'y', key: ['id'], hyperparameters: {} },
  })
  expect(dataset.task).toBe('regression')
  expect(coded.map(({ column, type }) => [column.name, type])).toEqual([
    ['a', 'DOUBLE'],
    ['y', 'BIGINT'],
    ['id', 'BIGINT'],
  ])
})

/** Nobody may read it, whoever we are: what root may not read either lies in /proc. */
const forbidden = '/proc/sys/vm/compact_memory'
const isRoot = process.getuid?.() === 0

test.skipIf(isRoot && !existsSync(forbidden)).each(['kept.csv', 'kept.csv.gz', 'kept.parquet'])(
  '%s that may not be read is named',
  async (name) => {
    if (isRoot) await symlink(forbidden, at(name))
    else await writeFile(at(name), good, { mode: 0o200 })
    expect(await refusal(name)).toContain(`${name} cannot be read: permission denied`)
    const keys = await readKeyFile(at(name), name === 'kept.csv.gz' ? 'jsonl' : undefined, 'even', 1).catch(
      (thrown: unknown) => thrown,
    )
    expect(keys).toBeInstanceOf(BadInput)
    expect((keys as BadInput).message).toContain(`${name} cannot be read: permission denied`)
  },
)

test.each<[string, string | Uint8Array, string]>([
  ['binary.csv', binary, 'binary.csv is no text'],
  ['binary.jsonl', binary, 'binary.jsonl is no text'],
  ['binary.csv.gz', gzipSync(binary), 'binary.csv.gz is no text'],
  ['binary.parquet', binary, 'binary.parquet cannot be read: No magic bytes found'],
  ['wide.csv', Buffer.from(`\ufeff${good}`, 'utf16le'), 'wide.csv is text in UTF-16; expected UTF-8'],
  ['half.csv.gz', squeezed.subarray(0, squeezed.length / 2), 'half.csv.gz is broken: unexpected end of file'],
  [
    'changed.csv.gz',
    Buffer.from(squeezed).fill(85, squeezed.length - 6, squeezed.length - 4),
    'changed.csv.gz is broken: incorrect data check',
  ],
  ['plain.csv.gz', good, 'plain.csv.gz is broken: incorrect header check'],
  ['plain.csv.zst', good, 'plain.csv.zst is broken: no frame of Zstandard begins at its byte 0'],
  ['none.csv.gz', gzipSync(''), 'none.csv.gz is empty'],
  ['below.csv', `\n${good}`, 'below.csv begins with an empty line'],
  // As two systems write into one file.
  [
    'ends.csv',
    good.replace('\n', '\r\n'),
    'ends.csv cannot be read: perhaps its lines end in different ways',
  ],
  ['long.csv', `id,a,y\n1,"${'x'.repeat(3e6)}",2\n`, 'Maximum line size of 2000000 bytes exceeded'],
  [
    'columns.csv',
    `${Array.from({ length: 4000 }, (_, each) => `c${each}`)}\n${`${'1,'.repeat(3999)}1\n`.repeat(5)}`,
    'columns.csv cannot be read: too much of it would be held at once',
  ],
  ['page.csv', '<!DOCTYPE html>\n<p>404, not found</p>\n', 'page.csv, line 2: has more values'],
  ['late.csv', `${good}4001,"x\n`, 'late.csv, line 4,002: has a quote that is not closed'],
  ['comment.csv', `# made by hand\n${good}`, 'comment.csv begins with a comment'],
  // DuckDB would leave the line out without a word, and all others like it.
  ['remark.csv', good.replace('\n5,', '\n# checked\n5,'), 'remark.csv, line 6: has fewer values'],
  ['capital.csv.GZ', squeezed, 'perhaps with .gz or .zst in small letters behind it'],
  // DuckDB would call the second one A_1.
  ['case.jsonl', '{"id": 1, "a": 1, "A": 2, "y": 3}\n'.repeat(8), "case.jsonl has the column 'a' twice"],
  ['object.jsonl', `{"id": 1, "a": 1, "y": 2}\n{"id": 2,\n`, 'object.jsonl cannot be read: Malformed JSON'],
])('%s', async (name, content, said) => {
  await writeFile(at(name), content)
  expect(await refusal(name)).toContain(said)
})

// DuckDB makes pairs of such names, in one column that nobody has named.
test.each([
  [
    'many',
    (id: number) => Object.fromEntries(Array.from({ length: 250 }, (_, each) => [`c${each}`, id + each])),
  ],
  ['seldom', (id: number) => ({ [`c${id}`]: id })],
])('%s names in JSON are columns', async (name, more) => {
  const lines = Array.from({ length: 80 }, (_, id) => JSON.stringify({ id, y: id / 8, ...more(id) }))
  await writeFile(at(`${name}.jsonl`), lines.join('\n'))
  const { dataset } = await describeTable({
    data: at(`${name}.jsonl`),
    target: 'y',
    key: ['id'],
    hyperparameters: {},
  })
  expect(dataset.features).toHaveLength(
    new Set(Array.from({ length: 80 }, (_, id) => Object.keys(more(id))).flat()).size,
  )
})

test('a table that is too wide for Postgres is told before it is loaded', async () => {
  const names = Array.from({ length: 1100 }, (_, each) => `c${each}`)
  const lines = Array.from({ length: 8 }, (_, id) => [id, id / 8, ...names.map((_, each) => id + each / 8)])
  await writeFile(at('broad.csv'), [['id', 'y', ...names], ...lines, ''].join('\n'))
  expect(await refusal('broad.csv')).toContain('bytes, of which Postgres takes 8,160 at the most')
})

test('a type is told as far as a line goes', async () => {
  const fields = Array.from({ length: 60 }, (_, each) => `f${each}: i`).join(', ')
  await parquet('fields.parquet', `{${fields}}`)
  const said = await refusalOf('fields.parquet')
  expect(said).toContain('a holds STRUCT(f0 BIGINT')
  expect(said.length).toBeLessThan(400)
})

test('Parquet that is cut short or changed', async () => {
  const whole = await parquet('whole.parquet', 'i / 8')
  await writeFile(at('half.parquet'), whole.subarray(0, whole.length / 2))
  expect(await refusal('half.parquet')).toContain('half.parquet cannot be read: No magic bytes found')
  await writeFile(at('changed.parquet'), Buffer.from(whole).fill(85, 200, 4000))
  expect(await refusal('changed.parquet')).toContain('changed.parquet cannot be read: ')
})

test.each<[string, Record<string, string>, string]>([
  ['lack', { 'lack-1.csv': good, 'lack-2.csv': 'id,y\n1,2\n' }, "lack-2.csv has no column 'a', which "],
  ['more', { 'more-1.csv': 'id,y\n1,2\n', 'more-2.csv': good }, "more-1.csv has no column 'a', which "],
  ['none', { 'none-1.csv': good, 'none-2.csv': '' }, 'none-2.csv is empty'],
  ['ways', { 'ways-1.csv': good, 'ways-2.jsonl': '{}' }, 'are written in two ways; expected one'],
  [
    'sign',
    { 'sign-1.csv': good, 'sign-2.csv': good.replaceAll(',', ';') },
    'sign-2.csv has ";" between its values, ',
  ],
  ['line', { 'line-1.csv': good, 'line-2.csv': `${good}1\n` }, 'line-2.csv, line 4,002: has fewer values'],
])('several files that are no table together: %s', async (name, files, said) => {
  for (const [file, content] of Object.entries(files)) await writeFile(at(file), content)
  expect(await refusal(`${name}-*`)).toContain(said)
})

test('Parquet of numbers here and texts there', async () => {
  await parquet('kind-1.parquet', 'i')
  await parquet('kind-2.parquet', "'x' || i")
  expect(await refusal('kind-*.parquet')).toMatch(
    /'a' holds numbers in .*kind-1.parquet, texts in .*kind-2.parquet/,
  )
  // Whole numbers and fractions are both numbers.
  await parquet('both-1.parquet', 'i')
  await parquet('both-2.parquet', 'i / 8')
  const found = await describeTable({
    data: at('both-*.parquet'),
    target: 'y',
    key: ['id'],
    hyperparameters: {},
  })
  expect([found.rows, found.keys]).toEqual([10_000, 5000])
})

test('columns of Parquet that are nested alike are told apart', async () => {
  await parquet('nested.parquet', '{x: [i], z: [i]} AS one, [i]')
  const error = await describeTable({
    data: at('nested.parquet'),
    target: 'y',
    key: ['id'],
    hyperparameters: {},
  }).catch((thrown: unknown) => thrown)
  expect((error as BadInput).text).toMatch(/one holds STRUCT.*\n.*a holds BIGINT\[\]/)
})

test('several files whose columns come in another order are one table', async () => {
  await writeFile(at('order-1.csv'), 'id,a,y\n1,2,3\n2,3,4\n')
  await writeFile(at('order-2.csv'), 'y,id,a\n5,3,4\n6,4,5\n')
  const found = await describeTable({
    data: at('order-*.csv'),
    target: 'y',
    key: ['id'],
    hyperparameters: {},
  })
  expect(found.rows).toBe(4)
})
