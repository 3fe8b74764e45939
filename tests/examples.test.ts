/** The examples, followed as their READMEs say: each command is a test, and the last of each looks at what is left. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inCache, root } from '../build/paths.ts'
import { exitCode } from '../cli/exit-codes.ts'
import { formats } from '../report/formats.ts'
import type { Run } from '../report/run.ts'
import { type PostgresServer, startPostgres } from '../targets/postgres/server.ts'
import type { Ended } from './program.ts'
import { expectCode } from './verdicts.ts'
import { Follower, walkThrough } from './walk-through.ts'

interface Expected {
  sides: string[]
  /** Of the workload. */
  keys: number
  /** How many of them are asked of all sides; undefined where there is one side. */
  compared: number | undefined
  draw: string
  answers: RegExp
  clients: number[]
  /** What stands in the report, as one line. */
  said?: string
}

const expected: Record<string, Expected> = {
  customers: {
    sides: ['database', 'service'],
    keys: 2000,
    compared: 1000,
    draw: 'even',
    answers: /^number, .*0\.000001$/,
    clients: [1],
  },
  'one-side': {
    sides: ['database'],
    keys: 40,
    compared: undefined,
    draw: 'even',
    answers: /^truth/,
    clients: [1, 5],
  },
  'two-databases': {
    sides: ['indexed', 'scanned'],
    keys: 500,
    compared: 500,
    draw: "by Zipf's law, exponent 1.1",
    answers: /^number, .*equal$/,
    clients: [1],
    said: 'search_path orders_scanned',
  },
  'two-services': {
    sides: ['new', 'old'],
    keys: 10,
    compared: 10,
    draw: 'in order',
    answers: /^text, .*equal$/,
    clients: [1],
  },
}

let database: PostgresServer
beforeAll(async () => {
  database = await startPostgres({ home: inCache('tests', 'examples', 'postgres') })
})
afterAll(() => database?.stop())

test('every example with a workload is followed here', async () => {
  const examples = path.join(root, 'examples')
  const names = await readdir(examples)
  expect(names.filter((name) => existsSync(path.join(examples, name, 'workload.ts'))).sort()).toEqual(
    Object.keys(expected).sort(),
  )
})

describe.each(Object.entries(expected))('%s', (example, { sides, keys, compared, said, ...other }) => {
  const given = walkThrough(example)
  let follower: Follower
  beforeAll(async () => {
    follower = await Follower.open(example, given, database.url)
  })
  afterAll(() => follower?.end())

  let measured: Ended
  let results: string
  let left: Run

  /** Bounds of a side are of the figure itself; those of a gap are of an interval, which noise widens. */
  const outcome = (code: number) => {
    const undecided = left.verdict.checks.filter(({ outcome }) => outcome === 'undecided')
    const isOpen = undecided.length > 0 && undecided.every(({ threshold }) => threshold.startsWith('gap.'))
    return code === exitCode.pass && isOpen ? exitCode.undecided : code
  }

  const after: Record<string, (ended: Ended, code: number) => void | Promise<void>> = {
    check: ({ code, output }, expectedCode) => {
      expect(code, output).toBe(expectedCode)
      for (const side of sides) expect(output).toMatch(new RegExp(`^${side}  \\(`, 'm'))
      for (const side of sides.slice(0, -1))
        expect(output).toContain(`${side} and ${sides.at(-1)} answer 10 of 10 keys alike`)
    },
    compare: async (ended, expectedCode) => {
      measured = ended
      results = path.resolve(follower.folder, /stands in (.+)/.exec(ended.output)?.[1] ?? 'nowhere')
      left = JSON.parse(await readFile(path.join(results, 'run.json'), 'utf8'))
      expectCode(ended, outcome(expectedCode), left)
    },
    gate: (ended, expectedCode) => {
      expectCode(ended, outcome(expectedCode), left)
      expect(ended.output).toContain(path.basename(results))
      expect(ended.output).toMatch(expectedCode === exitCode.crossed ? /✗ crossed/ : /✓ holds/)
    },
  }

  test.each(given.commands)('$line', async (command) => {
    const ended = await follower.follow(command)
    const [, name = ''] = /^npx inference-gap (\S+)/.exec(command.line) ?? []
    if (after[name]) await after[name](ended, command.code)
    else expect(ended.code, ended.output).toBe(command.code)
  })

  test('leaves the run of these sides, which answered the same', async () => {
    expect(await readdir(results)).toEqual(expect.arrayContaining(formats.map(({ file }) => file)))
    expect(left.measurement.workload).toMatchObject({ name: example, sides })
    expect(left.workload).toMatchObject({
      keys,
      draw: other.draw,
      answers: expect.stringMatching(other.answers),
    })
    expect(left.measurement.settings.clients).toEqual(other.clients)
    expect(left.parity?.keys).toBe(compared)
    expect(left.verdict.gaps.length > 0).toBe(sides.length > 1)
    for (const { requests, failures } of left.verdict.figures) {
      expect(requests).toBeGreaterThan(0)
      expect(failures).toBe(0)
    }
    for (const { outcome, threshold } of left.verdict.checks)
      if (!threshold.startsWith('gap.')) expect(outcome, threshold).toBe('pass')
    expect(measured.output.replaceAll(/\s+/g, ' ')).toContain(said ?? sides[0])
    expect(JSON.stringify(left)).not.toContain(new URL(database.url).password)
  })
})
