import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BadInput, CouldNotMeasure, Failure } from '../build/failure.ts'
import { results, root, shown } from '../build/paths.ts'
import { codeOf, codeOfError } from './exit-codes.ts'
import { Interrupted } from './interrupt.ts'
import { main } from './main.ts'

let said = ''
beforeEach(() => {
  said = ''
  const listen = ((text: string) => {
    said += text
    return true
  }) as typeof process.stdout.write
  vi.spyOn(process.stdout, 'write').mockImplementation(listen)
  vi.spyOn(process.stderr, 'write').mockImplementation(listen)
})
afterEach(() => vi.restoreAllMocks())

test('a secret that no header can hold is refused by its variable, and not shown', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'token '))
  const file = path.join(folder, 'workload.ts')
  const side = `{ protocol: 'http', name: 'a', address: 'A_URL', headers: { 'X-Token': { variable: 'OWN_TOKEN' } } }`
  await writeFile(file, `export default { name: 'w', keys: 'k.csv', sides: [${side}] }`)
  // As a file hands it over that ends in a line break.
  vi.stubEnv('OWN_TOKEN', 'c4nary\n')
  try {
    expect(await main(['check', '--workload', file])).toBe(2)
    expect(said).toContain('OWN_TOKEN (a value that is not shown) has a line break')
    expect(said).not.toContain('c4nary')
  } finally {
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true })
  }
})

test('certificates that cannot be read are told by the variable that names them', async () => {
  vi.stubEnv('CA_FILE', '/nowhere/ca.pem')
  try {
    expect(await main(['check', '--workload', 'workload.ts'])).toBe(2)
    expect(said).toContain("CA_FILE: '/nowhere/ca.pem' cannot be read (no such file or directory)")
    expect(said).not.toContain('--ca')
  } finally {
    vi.unstubAllEnvs()
  }
})

test('its version is that of the package', async () => {
  expect(await main(['--version'])).toBe(0)
  expect(said).toBe(`${JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')).version}\n`)
})

test.each([
  [['compare', '--pairs', 'x'], 'expected a whole number of at least 1'],
  [['compare', '--sessions', '0'], 'expected a whole number of at least 1'],
  [['compare', '--repeat', '3'], '--repeat goes with --aa'],
  [['compare', '--aa', 'python', '--json'], '--looks and --pgbouncer are for a comparison'],
  [['compare', '--aa', 'python', '--looks', '3'], '--looks and --pgbouncer are for a comparison'],
  [['compare', '--distance', '1ms', '--thresholds', 't.json'], '--distance has tables of its own'],
  [['compare', '--distance', '1ms', '--replicas', '2'], '--distance is put before one Postgres'],
  [['compare', '--distance', '0', '--jitter', '1ms'], 'go with a --distance above 0'],
  [['compare', '--distance', '1ms', '--links', 'store,nobody'], '--links "nobody": there is no such link'],
  [['compare', '--aa', 'http://a:b@c'], '--aa "http://…": the workload has no such side'],
  [['train', '--data', 'x.csv', '--describe', '--json'], '--describe says it in words'],
  [['compare', '--pgbouncer', '--pool', '5'], '--pgbouncer stands before the embedded Postgres'],
  [['compare', '--rate', '0'], 'expected a whole number from 1 to 10,000,000, or a share'],
  [['compare', '--rate', '0%'], 'or a share of the slower target'],
  [['compare', '--rate', '1.5'], 'or a share of the slower target'],
  [['compare', '--serializer', 'yaml'], 'Allowed choices are json, orjson, msgpack'],
  [['compare', '--clients', '1,1'], 'expected each number of clients once'],
  [['compare', '--clients', '1,,2'], 'expected a whole number of at least 1'],
  [['capacity', '--batch', '5,5'], 'expected each size once'],
  [['capacity', '--batch', '0'], 'expected a whole number of at least 1'],
  [['compare', '--batch', '5', '--rate', '50'], '--batch goes with neither --aa, --distance nor --rate'],
  [['changes'], "missing required argument 'what'"],
  [['changes', 'weather'], 'Allowed choices are model, features'],
  [['changes', 'model', '--writes', '0,100'], '--writes says how often features change, not the model'],
  [
    ['changes', 'model', '--python-url', 'http://h', '--postgres-url', 'postgres://h/x', '--keys', 'k.csv'],
    'changes are made to the embedded targets',
  ],
  [['changes', 'features', '--writes', '100,100'], 'expected each number of writes once'],
  [['compare', '--query-mode', 'fast'], 'Allowed choices are simple, extended, prepared'],
  // As many as the other commands take, which is more than most numbers of flags.
  [['connections', '--seed', '4294967296'], 'at most 4,294,967,295'],
  [['gate', ''], "argument 'file'. expected the path of a file"],
  [['compare', '--block', '0'], 'expected a number of seconds from 1 to 86,400'],
  [
    ['compare', '--python-url', 'ftp://x'],
    "--python-url: 'ftp://…' does not fit; expected http://host:port/path",
  ],
  [['compare', '--python-url', 'http://127.0.0.1:1'], 'go together'],
  [
    ['compare', '--python-url', 'http://127.0.0.1:1', '--postgres-url', 'postgres://127.0.0.1:1/x'],
    '--keys is missing',
  ],
  [['compare', '--target', 'y'], '--target goes with --data'],
  [['compare', '--describe'], '--describe goes with --data'],
  [['compare', '--rows-seed', '3'], '--rows-seed goes with --rows'],
  [['compare', '--rows', '3'], 'at least 4'],
  [['compare', '--rows', '100', '--data', 'x.csv'], 'leave out --data'],
  [['compare', '--rows', '100', '--keys', 'k.csv'], '--rows is for the embedded targets'],
  [['compare', '--zipf', '0'], 'expected an exponent above 0'],
  [['compare', '--data', 'x.csv', '--key', 'id'], '--data goes with --target'],
  [
    ['compare', '--data', 'x.csv', '--target', 'y', '--key', 'id', '--workload', 'w.ts'],
    'leave out --workload',
  ],
  [
    ['compare', '--data', 'x.csv', '--target', 'y', '--key', 'id', '--hyperparams', '[]'],
    'expected an object',
  ],
  // Readers of JSON differ in which of the two counts.
  [
    ['train', '--data', 'x.csv', '--hyperparams', '{"eta": 0.1, "eta": 0.3}'],
    '"eta" stands twice in one object',
  ],
  // As many as the flights may be scaled to, which a message advises.
  [['check', '--store-rows', '1000000001'], 'at least 1, at most 1,000,000,000'],
  [['compare', '--data', 'x.csv', '--target', 'y', '--key', 'id,'], 'expected names of columns'],
  // Whoever read it would wait for its end.
  // Nobody would be told that it has no effect.
  [['compare', '--ca', 'ca.pem'], '--ca is for addresses of your own'],
  [['help', 'nonsense'], "unknown command 'nonsense'"],
  [['help', 'comparee'], 'Did you mean compare?'],
  [
    ['compare', '--workload', 'w.ts', '--ca', '/dev/zero'],
    "--ca: '/dev/zero' cannot be read (it is no file)",
  ],
  [['train', '--threads', '1000000'], 'at most 1,024'],
  [['compare', '--thresholds', '/no/such.json'], '/no/such.json cannot be read'],
  [['serve', '--python-port', '99999'], 'expected a port from 1 to 65535'],
  // `npm start` has flags of its own, behind which a user's stand.
  [
    ['compare', '--thresholds', '/no/other.json', '--thresholds', '/no/such.json'],
    '/no/such.json cannot be read',
  ],
  [['no-such-command'], "unknown command 'no-such-command'"],
  [['compare', '--no-such-flag'], "unknown option '--no-such-flag'"],
  [[], 'Usage: inference-gap'],
])('%j is refused with one clear error', async (argv, expected) => {
  expect(await main(argv)).toBe(2)
  expect(said).toContain(expected)
  expect(said).not.toContain('    at ')
})

test.each(['compare', 'serve', 'setup', 'build'])('%s --help has an example', async (command) => {
  expect(await main([command, '--help'])).toBe(0)
  expect(said).toContain('Example:')
})

test('exit codes', () => {
  expect((['pass', 'fail', 'undecided'] as const).map(codeOf)).toEqual([0, 99, 98])
  expect(codeOfError(new BadInput('x'))).toBe(2)
  expect(codeOfError(new CouldNotMeasure('x'))).toBe(3)
  expect(codeOfError(new Failure('x'))).toBe(4)
  expect(codeOfError(new Interrupted('SIGINT'))).toBe(130)
  expect(codeOfError(new Interrupted('SIGTERM'))).toBe(143)
  expect(codeOfError(new Interrupted('SIGHUP'))).toBe(129)
  expect(codeOfError(new Error('x'))).toBe(1)
})

/** Commands that take files, with the flag before each. */
const own = ['--postgres-url', 'postgres://127.0.0.1:1/x', '--python-url', 'http://127.0.0.1:1']
const takers: [string[], string][] = [
  [['compare', ...own, '--keys'], 'keys.json'],
  [['crosscheck', ...own, '--keys'], 'keys.json'],
  [['modes', ...own, '--keys'], 'keys.json'],
  [['compare', '--thresholds'], 'thresholds.json'],
  [['compare', '--baseline'], 'run.json'],
  [['gate'], 'run.json'],
  [['gate'], 'capacity.json'],
]

test.each(takers)('%j takes no file that does not fit, and starts nothing', async (argv, name) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'files of a user '))
  const before = await readdir(results).catch(() => [])
  try {
    const file = path.join(folder, name)
    for (const [content, expected] of [
      [undefined, 'cannot be read: no such file or directory'],
      ['', 'is empty'],
      ['{"a": 1,}', 'line 1, column 9'],
      // Thresholds may be none at all.
      [
        name === 'thresholds.json' ? '{"nobody":{}}' : '{}',
        name === 'keys.json' ? 'holds no array' : 'does not fit',
      ],
      ['[]', name === 'keys.json' ? 'holds no key' : 'does not fit'],
      [`[["${'x'.repeat(1e5)}"]]`, 'does not fit'],
    ] as const) {
      said = ''
      if (content !== undefined) await writeFile(file, content)
      expect(await main([...argv, file]), said).toBe(2)
      expect(said).toContain(
        `${shown(file)} ${expected.startsWith('line') ? 'is not JSON as it must be: ' : ''}${expected}`,
      )
      expect(said).toContain('→')
      expect(said).not.toContain('    at ')
      expect(said.length).toBeLessThan(2000)
      expect(said).not.toContain('Look for')
    }
    expect(await readdir(results).catch(() => [])).toEqual(before)
  } finally {
    await rm(folder, { recursive: true })
  }
})

const canary = 'c4nary'

test.each([
  ['compare', '--postgres-url', `mysql://u:${canary}@h/db`],
  ['compare', '--postgres-url', `postgres://u:${canary}/x@h/db`],
  ['compare', `--postgres-url=host=h password=${canary}`],
  ['modes', '--python-url', `http://u:${canary}@h:port/`],
  ['crosscheck', `--python-url=ftp://${canary}@h/`],
  ['compare', `--postgres_url=postgres://u:p@${canary}@h/db`],
  ['compare', '--python-ulr', `http://h/${canary}`],
  ['compare', `postgres://u:${canary}@h/db`],
  [`postgres://u:${canary}@h/db`],
  ['compare', '--postgres-url', `postgres://u:${canary}@h/db`],
  ['compare', '--clients', `postgres://u:${canary}@h/db`],
  ['reproduce', '--python-url', `http://h/?token=${canary}`],
])('%j is refused without its secret', async (...argv) => {
  expect(await main(argv)).toBe(2)
  expect(said).not.toBe('')
  expect(said).not.toContain(canary)
})
