/** Bad input, made up by fast-check: what does not fit is refused in words, by a documented exit code, and nothing hangs. */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import fc from 'fast-check'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { Failure } from '../../build/failure.ts'
import { inCache } from '../../build/paths.ts'
import { loadWorkload } from '../../build/workload.ts'
import { readKeyFile } from '../../datasets/keys.ts'
import { readFleet } from '../../gap/capacity/fleet.ts'
import { readThresholds } from '../../gap/thresholds.ts'
import { sampleRun } from '../../report/fixture.ts'
import { httpAddress } from '../../targets/address/http.ts'
import { postgresAddress } from '../../targets/address/postgres.ts'
import { called, hasStack } from './called.ts'
import { canary, changed, fuzzed, hostileText } from './fuzz.ts'
import type { Group, Row } from './row.ts'

const folder = inCache('tests', 'faults', 'input')
const at = (name: string) => path.join(folder, name)

/** Takes it, or says in one message what does not fit. @throws where it does anything else */
async function refuses(work: () => unknown): Promise<boolean> {
  try {
    await work()
    return false
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    if (hasStack(error.text)) throw new Error(`a stack: ${error.text}`)
    if (error.text.length > 4000) throw new Error(`a message of ${error.text.length} characters`)
    if (error.text.includes(canary)) throw new Error(`a secret: ${error.text}`)
    return true
  }
}

/** Ends with one of these codes, and prints no stack. */
async function ends(args: string[], codes: number[], env: Record<string, string> = {}): Promise<boolean> {
  const { code, output } = await called(args, env)
  if (code === undefined || !codes.includes(code) || hasStack(output) || output.includes(canary))
    throw new Error(`ended with ${code}:\n${output.slice(0, 3000)}`)
  return code === 2
}

const refusal = 'taken, or refused in words: no stack, no secret, no hang'

/** @param share of the usual number of inputs, of what takes longer */
const fuzz = <T>(
  what: string,
  arbitrary: fc.Arbitrary<T>,
  isRefused: (input: T) => Promise<boolean>,
  share = 1,
): Row => ({
  what,
  expected: refusal,
  often: true,
  see: () => fuzzed(what, arbitrary, isRefused, share),
})

const json =
  (name: string, read: (file: string) => unknown) =>
  async (value: unknown): Promise<boolean> => {
    await writeFile(at(name), JSON.stringify(value) ?? '')
    return refuses(() => read(at(name)))
  }
const bytes =
  (name: string, read: (file: string) => unknown) =>
  async (value: Uint8Array): Promise<boolean> => {
    await writeFile(at(name), value)
    return refuses(() => read(at(name)))
  }

const thresholds = {
  a: { maxLatencyMs: { p50: 1, p95: 3 }, minTps: 500, maxFailureRate: 0 },
  b: [
    { clients: 1, maxLatencyMs: { max: 5 } },
    { clients: 20, minTps: 8 },
  ],
  gap: { 'a/b': { minLatencyRatio: { p50: 3 }, minTpsRatio: 3 } },
  capacity: { a: { minRate: 5 }, minRatio: 2 },
}
const readBounds = (file: string) => readThresholds(file, ['a', 'b'])

/** In the source of a workload a text that begins so stands for code. */
const code = '\0'
const source = (value: unknown): string => {
  if (typeof value === 'string') return value.startsWith(code) ? value.slice(1) : JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(source)}]`
  if (typeof value !== 'object' || value === null) return String(JSON.stringify(value))
  return `{${Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}:${source(each)}`)}}`
}
const workload = {
  name: 'churn',
  keys: { file: './keys.csv', format: 'csv' },
  draw: { zipf: 1.1 },
  answer: 'number',
  compare: { tolerance: 1e-5 },
  sides: [
    {
      protocol: 'sql',
      name: 'database',
      address: 'A_URL',
      query: 'SELECT $1',
      parameters: `${code}(key) => [key.id]`,
      mode: 'prepared',
      settings: { work_mem: '8MB' },
    },
    {
      protocol: 'http',
      name: 'service',
      address: 'B_URL',
      path: `${code}(key) => key.id`,
      headers: { 'X-Token': { variable: 'TOKEN', prefix: 'Bearer ' } },
      body: `${code}(key) => key`,
      value: `${code}(body) => body`,
      statuses: [200],
    },
  ],
  beside: [
    {
      protocol: 'sql',
      name: 'part',
      address: 'A_URL',
      query: 'SELECT 1',
      parameters: `${code}() => []`,
      role: 'part',
      of: 'database',
      until: 'there',
    },
  ],
}
let written = 0

const parquet = parquetWriteBuffer({
  columnData: [
    { name: 'id', data: [1, 2, 3] },
    { name: 'name', data: ['a', 'b', 'c'] },
  ],
})

const fleet = {
  currency: 'USD',
  sides: {
    a: { parts: [{ name: 'host', price: 0.1, each: 2 }] },
    b: { parts: [{ name: 'lamp', price: 3, count: 1 }] },
  },
}

const flags: Record<string, readonly string[]> = {
  compare: [
    '--clients',
    '--sessions',
    '--pairs',
    '--block',
    '--warmup',
    '--seed',
    '--looks',
    '--rate',
    '--pool',
    '--query-mode',
    '--aa',
    '--repeat',
    '--baseline',
    '--thresholds',
    '--keys',
    '--ca',
    '--distance',
    '--jitter',
    '--links',
    '--replicas',
    '--serializer',
    '--batch',
    '--rows',
    '--rows-seed',
    '--store-rows',
    '--zipf',
    '--data',
    '--target',
    '--key',
    '--features',
    '--task',
    '--hyperparams',
  ],
  capacity: [
    '--objective',
    '--demand',
    '--headroom',
    '--spare',
    '--price',
    '--fleet',
    '--batch',
    '--precision',
    '--time-limit',
    '--arrivals',
    '--rounds',
  ],
  check: ['--keys', '--ca', '--query-mode', '--seed'],
  crosscheck: ['--clients', '--rounds', '--block'],
  connections: ['--clients', '--rounds', '--seed', '--query-mode', '--zipf'],
  'changes model': ['--clients', '--rounds', '--block', '--writes'],
  'changes features': ['--writes', '--seed', '--store-rows'],
  merge: ['--thresholds', '--baseline', '--objective'],
  gate: ['--baseline', '--thresholds'],
  init: ['--sides', '--name'],
}
/** Who asks for help gets it, whatever else stands there. */
const value = hostileText.filter((text) => text !== '--help')
const anyFlags = fc.constantFrom(...Object.keys(flags)).chain((command) =>
  fc.tuple(
    fc.constant(command),
    fc.array(fc.tuple(fc.constantFrom(...(flags[command] as string[])), value), {
      minLength: 1,
      maxLength: 4,
    }),
  ),
)

const rows: Row[] = [
  fuzz('thresholds of other values', changed(thresholds), json('thresholds.json', readBounds)),
  fuzz('thresholds of any JSON', fc.jsonValue(), json('thresholds.json', readBounds)),
  fuzz('thresholds of any bytes', fc.uint8Array({ maxLength: 300 }), bytes('thresholds.json', readBounds)),
  fuzz(
    'a fleet of other values',
    changed(fleet),
    json('fleet.json', (file) => readFleet(file, ['a', 'b'])),
  ),
  fuzz(
    'a workload of other values',
    changed(workload),
    async (value) => {
      const file = at(`workload-${written++ % 8}.ts`)
      await writeFile(file, `export default ${source(value)}\n`)
      return refuses(() => loadWorkload(file, {}))
    },
    0.2,
  ),
  fuzz(
    'a workload of any text',
    fc.oneof(
      fc.string(),
      fc.string().map((text) => `export default ${text}`),
      fc.string().map((text) => `throw ${JSON.stringify(text)}`),
    ),
    async (text) => {
      await writeFile(at('any.ts'), text)
      return refuses(() => loadWorkload(at('any.ts'), {}))
    },
    0.2,
  ),
  ...(['csv', 'jsonl', 'json', 'parquet'] as const).map((format) =>
    fuzz(
      `keys of any bytes, as ${format}`,
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.string().map((text) => Buffer.from(text)),
      ),
      bytes(`keys.${format}`, (file) => readKeyFile(file, undefined, 'even', 1)),
    ),
  ),
  fuzz(
    'keys of Parquet with other bytes',
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
    async (changes) => {
      const whole = new Uint8Array(parquet)
      for (const [place, byte] of changes) whole[place % whole.length] = byte
      return bytes('keys.parquet', (file) => readKeyFile(file, undefined, 'even', 1))(whole)
    },
  ),
  fuzz(
    'keys of CSV that is nearly right',
    fc
      .array(fc.constantFrom('id', ',', '"', '\n', '\r', '1', ' ', '\uFEFF', '\0', 'ä'), { maxLength: 30 })
      .map((parts) => Buffer.from(parts.join(''))),
    bytes('keys.csv', (file) => readKeyFile(file, undefined, 'even', 1)),
  ),
  ...Object.entries({ Postgres: ['postgres', postgresAddress], HTTP: ['http', httpAddress] } as const).map(
    ([name, [scheme, read]]) =>
      fuzz(
        `addresses of ${name}`,
        fc.oneof(
          fc
            .tuple(hostileText, hostileText, hostileText)
            .map(([user, host, rest]) => `${scheme}://${user}:${canary}@${host}/${rest}`),
          fc
            .tuple(hostileText, hostileText)
            .map(([host, rest]) => `${scheme}://${host}?password=${canary}&${rest}`),
          fc.string(),
          fc.webUrl({ withQueryParameters: true, withFragments: true }),
        ),
        async (text) => {
          const isRefused = await refuses(() => {
            const shown = String(read(text))
            if (shown.includes(canary)) throw new Error(`a secret: ${shown}`)
          })
          return isRefused
        },
      ),
  ),
  fuzz(
    'flags of any value',
    anyFlags,
    ([command, given]) =>
      ends(
        [
          ...command.split(' '),
          ...given.flat(),
          ...(['gate', 'init', 'merge'].includes(command) ? [at('nothing')] : []),
          ...(['gate', 'init'].includes(command) ? [] : ['--workload', at('nothing.ts')]),
        ],
        [2],
      ),
    0.3,
  ),
  fuzz(
    'a run.json of other values, judged again',
    changed(sampleRun(), 2),
    async (value) => {
      await writeFile(at('run.json'), JSON.stringify(value))
      return ends(['gate', at('run.json')], [0, 2, 3, 98, 99])
    },
    0.3,
  ),
]

const refused = (what: string, args: string[], expected: RegExp): Row => ({
  what,
  expected: `2; says ${expected.source}`,
  often: true,
  see: async () => {
    const { code, output } = await called([...args, '--workload', at('nothing.ts')])
    if (code !== 2 || !expected.test(output) || output.includes(canary) || output.length > 1000)
      throw new Error(`ended with ${code}:\n${output}`)
    return `2; ${output
      .match(/.*expected.*/)?.[0]
      .trim()
      .slice(0, 120)}`
  },
})
rows.push(
  refused('a block of 1e300 seconds', ['compare', '--block', '1e300'], /from 1 to 86,400/),
  refused('a hundred million clients', ['compare', '--clients', '100000000'], /at most 1,000,000/),
  refused('a seed that no number holds', ['compare', '--seed', '9007199254740993'], /at most 4,294,967,295/),
  refused('a demand without end', ['capacity', '--demand', '9'.repeat(300)], /at most 1,000,000,000,000/),
  refused('a length in the numbers of machines', ['compare', '--block', '0x10'], /from 1 to 86,400/),
  refused('a variable that was empty for a file', ['compare', '--keys', ''], /expected the path of a file/),
  refused(
    'an address with a password for a file',
    ['merge', `s3://me:${canary}@bucket/part.json`],
    /'s3:\/\/…' .*not an address/,
  ),
  refused(
    'a flag of a hundred thousand signs',
    ['compare', '--block', 'x'.repeat(100_000)],
    /'x{80}…' is invalid/,
  ),
  refused('a price without end', ['capacity', '--price', '9'.repeat(400)], /expected a price/),
)

export const input: Group = { title: 'Bad input', before: () => mkdir(folder, { recursive: true }), rows }
