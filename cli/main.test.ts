import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BadInput, CouldNotMeasure, Failure } from '../build/failure.ts'
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

test.each([
  [['compare', '--pairs', 'x'], 'expected a whole number of at least 1'],
  [['compare', '--sessions', '0'], 'expected a whole number of at least 1'],
  [['compare', '--repeat', '3'], '--repeat goes with --aa'],
  [['compare', '--aa', 'python', '--json'], '--json and --baseline are for both targets'],
  [['compare', '--pgbouncer', '--pool', '5'], '--pgbouncer stands before the embedded Postgres'],
  [['compare', '--rate', '0'], 'expected a whole number of at least 1, or a share'],
  [['compare', '--rate', '0%'], 'or a share of the slower target'],
  [['compare', '--rate', '1.5'], 'or a share of the slower target'],
  [['compare', '--serializer', 'yaml'], 'Allowed choices are json, orjson, msgpack'],
  [['compare', '--clients', '1,1'], 'expected each number of clients once'],
  [['compare', '--clients', '1,,2'], 'expected a whole number of at least 1'],
  [['compare', '--query-mode', 'fast'], 'Allowed choices are simple, extended, prepared'],
  [['compare', '--block', '0'], 'expected a number of seconds of at least 1'],
  [['compare', '--python-url', 'ftp://x'], 'expected a URL that begins with http:// or https://'],
  [['compare', '--python-url', 'http://127.0.0.1:1'], 'go together'],
  [
    ['compare', '--python-url', 'http://127.0.0.1:1', '--postgres-url', 'postgres://127.0.0.1:1/x'],
    '--keys is missing',
  ],
  [['compare', '--thresholds', '/no/such.json'], '/no/such.json cannot be read'],
  [['serve', '--python-port', '99999'], 'expected a port from 1 to 65535'],
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
  expect(codeOfError(new Error('x'))).toBe(1)
})
