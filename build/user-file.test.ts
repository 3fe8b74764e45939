import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { BadInput } from './failure.ts'
import { shown } from './paths.ts'
import { readJson } from './user-file.ts'

const schema = z.strictObject({ name: z.string(), rows: z.array(z.array(z.int())).optional() })

let home: string
let file: string
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'files of a user '))
  file = path.join(home, 'given.json')
})
afterAll(() => rm(home, { recursive: true }))

const given = (file: string) => ({ file, most: 1000, hint: 'Give another one' })

async function refused(file: string, wanted: z.ZodType = schema): Promise<string> {
  const error = await readJson(wanted, given(file)).then(
    () => undefined,
    (error) => error,
  )
  expect(error).toBeInstanceOf(BadInput)
  expect(error.hint).toBe('Give another one')
  expect(error.message).toContain(shown(file))
  return error.message
}

const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))))

test('a file that fits, with or without a mark before it', async () => {
  for (const mark of [[], [0xef, 0xbb, 0xbf]]) {
    await writeFile(file, bytes(mark, '{"name": "ä"}\r\n'))
    expect(await readJson(schema, given(file))).toEqual({ name: 'ä' })
  }
})

test.each<[string, Buffer, string | RegExp]>([
  ['nothing', bytes(), 'is empty'],
  ['spaces', bytes(' \n\t'), 'is empty'],
  ['a mark alone', bytes([0xef, 0xbb, 0xbf]), 'is empty'],
  ['UTF-16', bytes([0xff, 0xfe, 0x7b, 0, 0x7d, 0]), 'is UTF-16'],
  ['UTF-16, the other way round', bytes([0xfe, 0xff, 0, 0x7b, 0, 0x7d]), 'is UTF-16'],
  ['UTF-16 without a mark', bytes([0x7b, 0, 0x7d, 0]), 'is UTF-16'],
  [
    'two marks',
    bytes([0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf], '{}'),
    'line 1, column 1: invalid symbol, found "\\u{feff}{}"',
  ],
  ['a comma too many', bytes('{\n  "name": "x",\n}'), 'line 3, column 1: property name expected, found "}"'],
  ['a comma too few', bytes('{"name": "x"\n "rows": []}'), 'line 2, column 2: comma expected'],
  ['an end too early', bytes('{"name": "x"'), 'line 1, column 13: close brace expected, found the end'],
  ['a comment', bytes('{"name": "x"} // why'), 'line 1, column 15: invalid comment token'],
  ['NaN', bytes('{"name": NaN}'), 'line 1, column 10: invalid symbol, found "NaN}"'],
  ['other quotes', bytes("{'name': 1}"), 'line 1, column 2'],
  ['a name that stands twice', bytes('{"name": "a",\n"name": "b"}'), 'line 2, column 1: "name" stands twice'],
  ['two values', bytes('{"name": "x"}\n{"name": "y"}'), 'line 2, column 1: end of file expected'],
  ['another type', bytes('[]'), '(the whole file) = []: Invalid input: expected object'],
  ['null', bytes('null'), '(the whole file) = null: Invalid input: expected object'],
  ['what is missing', bytes('{}'), 'name is missing: Invalid input: expected string'],
  ['what is not known', bytes('{"name": "x", "nmae": 1}'), 'nmae = 1: no such key'],
  [
    'a part of a part',
    bytes('{"name": "x", "rows": [[1], [2, "3"]]}'),
    'rows[1][1] = "3": Invalid input: expected',
  ],
  ['a number too large to be one', bytes('{"name": "x", "rows": [[1e999]]}'), 'rows[0][0] = Infinity: '],
  [
    'a number that loses digits',
    bytes('{"name": "x", "rows": [[9007199254740993]]}'),
    'line 1, column 25: "9007199254740993" would lose digits as a number; expected a text',
  ],
  // As JSON.stringify writes what is held.
  [
    'a number that is held as it stands',
    bytes('{"name": "x", "rows": [[12345678901234567000]]}'),
    'rows[0][0] = 12345678901234567000: ',
  ],
  ['what is no UTF-8', bytes('{"name":\n"ä', [0xe9], '"}'), 'has in line 2 what is no UTF-8'],
  ['a sign that is cut', bytes('{"name":\n"', [0xc3]), 'has in line 2 what is no UTF-8'],
])('%s is told by place and value', async (_, content, expected) => {
  await writeFile(file, content)
  expect(await refused(file)).toContain(expected)
})

test('what is no file, or none that can be read', async () => {
  expect(await refused(path.join(home, 'none'))).toContain('cannot be read: no such file or directory')
  expect(await refused(home)).toContain('is a folder; expected a file')
  await symlink(path.join(home, 'none'), path.join(home, 'dangling'))
  expect(await refused(path.join(home, 'dangling'))).toContain('no such file')
  await symlink(path.join(home, 'circle'), path.join(home, 'circle'))
  expect(await refused(path.join(home, 'circle'))).toContain('symbolic links')
  await writeFile(file, '{}')
  expect(await refused(path.join(file, 'below'))).toContain('not a directory')
  expect(await refused('/dev/null')).toContain('is a socket or a device')
  // Nobody writes into it: whoever opened it would wait for ever.
  execFileSync('mkfifo', [path.join(home, 'pipe')])
  expect(await refused(path.join(home, 'pipe'))).toContain('is a pipe')
})

test('a file beyond the bound is not read, and both sizes are told', async () => {
  await writeFile(file, '')
  await truncate(file, 3e12)
  expect(await refused(file)).toContain('has 3,000,000 MB; expected at most 0.001 MB')
})

test('a value is shortened, however long or deep it is', async () => {
  const large = { ...given(file), most: 1e8 }
  for (const text of [
    JSON.stringify({ name: 5, rows: 'x'.repeat(3e7) }),
    JSON.stringify(Array.from({ length: 1e5 }, (_, index) => `entry ${index}`)),
    JSON.stringify({ ['n'.repeat(1e6)]: 1 }),
    `${'['.repeat(1e5)}${']'.repeat(1e5)}`,
    `{"name": ${'['.repeat(1e5)}${']'.repeat(1e5)}}`,
    `${'['.repeat(1e5)}`,
    `{"name": ${'x'.repeat(1e6)}}`,
  ]) {
    await writeFile(file, text)
    const error = await readJson(schema, large).catch((error) => error)
    expect(error).toBeInstanceOf(BadInput)
    expect(error.message.length).toBeLessThan(1000)
  }
})

test('of many problems the first few are told, and how many more there are', async () => {
  await writeFile(file, JSON.stringify({ name: 'x', rows: [Array.from({ length: 20 }, () => 'x')] }))
  const message = await refused(file)
  expect(message.match(/^ {2}- rows/gm)).toHaveLength(5)
  expect(message).toContain('and 15 more')
})
