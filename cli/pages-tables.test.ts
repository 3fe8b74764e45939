/** The tables of docs/ have what the sources have, no more and no less. */
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { root } from '../build/paths.ts'
import { formats } from '../report/formats.ts'
import { blocksOf, codeIn, files, read, rowsBelow } from '../tests/tree.ts'
import { published } from '../workload/published.ts'
import { workloadSchema } from '../workload/schema.ts'
import { exitCode } from './exit-codes.ts'
import { program } from './main.ts'

const firstCells = (page: string, heading: string) =>
  rowsBelow(page, heading).flatMap(([cell = '']) => codeIn(cell))

describe('docs/commands.md', () => {
  const cli = program(() => Promise.resolve(), [])
  const ownCommands = cli.commands.map((command) => command.name())
  const rows = rowsBelow('docs/commands.md', '# Commands')

  test('has every command', () => {
    const told = rows.map(([cell = '']) => codeIn(cell)[0]).filter((name) => /^[a-z]+$/.test(name ?? ''))
    expect(ownCommands.filter((name) => !told.includes(name))).toEqual([])
  })

  test('has every option, and none that is not', () => {
    const told = rows
      .flatMap(([cell = '']) => codeIn(cell))
      .flatMap((code) => /^--[\w-]+/.exec(code)?.[0] ?? [])
    const there = cli.commands.flatMap(({ options }) => options.flatMap(({ long }) => long ?? []))
    expect([...new Set(there)].filter((flag) => !told.includes(flag))).toEqual([])
    expect(told.filter((flag) => !there.includes(flag))).toEqual([])
  })

  test('has the defaults of how much is measured', () => {
    const rows = rowsBelow('docs/commands.md', '## How much is measured').map(
      ([option = '', , told = '']) => ({
        long: codeIn(option)[0]?.split(' ')[0],
        told,
      }),
    )
    const defaults = cli.commands.flatMap((command) =>
      command.options.flatMap(({ long, defaultValue }) => {
        const values: unknown[] = [defaultValue].flat()
        const row = rows.find((each) => each.long === long)
        if (!row || !values.every((each) => typeof each === 'number')) return []
        const text = values.map((each) => each.toLocaleString('en')).join(', ')
        return [{ of: `${command.name()} ${long}`, text, told: row.told }]
      }),
    )
    expect(defaults.length).toBeGreaterThan(15)
    // Of numbers that go on, as 1 of 10 and 1 of 1.5, none is meant.
    const isTold = ({ text, told }: (typeof defaults)[number]) =>
      new RegExp(`(?<![\\d.])${text}(?![\\d.]|,\\d)`).test(told)
    expect(defaults.filter((each) => !isTold(each))).toEqual([])
  })

  test('has every exit code', () => {
    const told = rowsBelow('docs/commands.md', '## Exit codes').map(([code]) => Number(code))
    expect(told).toEqual([...new Set(Object.values(exitCode))].sort((a, b) => a - b))
  })
})

/** Names of all keys in a JSON Schema of an object, whatever is nested in it. */
function* keysIn(schema: unknown): Generator<string> {
  if (typeof schema !== 'object' || schema === null) return
  const { properties = {} } = schema as { properties?: object }
  yield* Object.keys(properties)
  for (const each of Object.values(schema)) yield* keysIn(each)
}
const workloadKeys = [
  ...new Set(keysIn(z.toJSONSchema(workloadSchema, { unrepresentable: 'any', reused: 'inline' }))),
]

test('docs/workload.md has every key of a workload in a table, and none that is not', () => {
  const told = ['## The whole', '## A side', '## SQL', '## HTTP'].flatMap((heading) =>
    firstCells('docs/workload.md', heading),
  )
  // Made by sql() and http().
  const theirs = workloadKeys.filter((key) => key !== 'protocol')
  const page = read('docs/workload.md')
  const figures = [
    ...['source', 'clients', 'tps', 'meanMs', 'curve', 'between', 'gap', 'mean', 'trainingMemory'],
    'acrossHosts',
  ]
  const untold = theirs.filter((key) => !told.includes(key) && !figures.includes(key))
  expect(untold.filter((key) => !new RegExp(`\\b${key}\\b`).test(page))).toEqual([])
  expect(told.filter((key) => !theirs.includes(key))).toEqual([])
})

test('docs/thresholds.md has every key of thresholds.json', () => {
  const schema = JSON.parse(read('schema/thresholds.schema.json'))
  const told = ['## Of a side, by its name', '## Of the gap', '## Of capacities'].flatMap((heading) =>
    rowsBelow('docs/thresholds.md', heading).flatMap((cells) => cells.flatMap(codeIn)),
  )
  const keys = [...new Set(keysIn(schema))].filter(
    (key) => !['$schema', 'gap', 'capacity', 'postgres', 'python'].includes(key),
  )
  expect(keys.length).toBeGreaterThan(8)
  expect(keys.filter((key) => !told.includes(key))).toEqual([])
})

test('docs/capacity.md has every key of a fleet file, and none that is not', () => {
  const keys = [...new Set(keysIn(JSON.parse(read('schema/fleet.schema.json'))))]
  expect(firstCells('docs/capacity.md', '## The fleet file').sort()).toEqual(
    keys.filter((key) => key !== '$schema').sort(),
  )
})

const scenarioSources = files.filter(
  (file) => /^scenarios\/(lib\/)?[\w-]+\.ts$/.test(file) && !file.endsWith('.test.ts'),
)

describe('docs/variables.md', () => {
  test('has every variable that scenarios read, and none that they do not', () => {
    const readByThem = scenarioSources.flatMap((file) =>
      [
        ...read(file).matchAll(
          /\b(?:text|wholeNumbers?|seconds|someSeconds|moment|share|oneOf|readJson|writable|sidesOf|url)(?:<[^>]*>)?\(\s*'([A-Z][A-Z_]*)'/g,
        ),
      ].map(([, name]) => name as string),
    )
    const told = rowsBelow('docs/variables.md', '## Variables')
      .flatMap(([cell = '']) => codeIn(cell))
      .filter((code) => /^[A-Z_]+$/.test(code))
    expect([...new Set(readByThem)].sort()).toEqual([...told].sort())
  })

  test('has their defaults', () => {
    const rows = rowsBelow('docs/variables.md', '## Variables')
    const defaults = scenarioSources.flatMap((file) => [
      ...read(file).matchAll(
        /\b(?:text|wholeNumbers?|seconds)\('([A-Z][A-Z_]*)', (?:\[?([\d.]+)\]?|'(\w+)')/g,
      ),
    ])
    expect(defaults.length).toBeGreaterThan(8)
    for (const [, name, number, word] of defaults) {
      const [, told = ''] = rows.find(([cell = '']) => codeIn(cell).includes(name as string)) ?? []
      expect(codeIn(told), name).toEqual([number ?? word])
    }
  })

  test('has every metric', () => {
    const told = firstCells('docs/variables.md', '## Metrics')
    const ownMetrics = scenarioSources.flatMap((file) =>
      [...read(file).matchAll(/\b(?:new (?:Trend|Counter|Rate|Gauge)|count)\('([a-z]\w*)'/g)].map(
        ([, name]) => name as string,
      ),
    )
    expect(ownMetrics.length).toBeGreaterThan(5)
    expect(ownMetrics.filter((name) => !told.includes(name))).toEqual([])
  })

  test('has what is passed on to the programs that we start', () => {
    const page = read('docs/variables.md')
    const names = [...read('build/environment.ts').matchAll(/'((?:K6|OTEL|DYLD|LD)_[A-Z0-9_]*)\*?'/g)].map(
      ([, name]) => (name as string).replace(/_$/, ''),
    )
    expect(names.length).toBeGreaterThan(8)
    expect(names.filter((name) => !page.includes(`\`${name}`) && !name.startsWith('K6_NO'))).toEqual([])
  })
})

test('docs/outputs.md has every file that a run is left in', () => {
  const told = firstCells('docs/outputs.md', '## The folder of results')
  expect(told.sort()).toEqual(formats.map(({ file }) => file).sort())
})

test('what docs/troubleshooting.md quotes is what the sources say', () => {
  const sources = files
    .filter(
      (file) =>
        /^(build|cli|datasets|gap|report|targets|workload)\/.*\.ts$/.test(file) && !/\.test\.ts$/.test(file),
    )
    .map(read)
    .join('\n')
  const quotes = rowsBelow('docs/troubleshooting.md', '# Troubleshooting').flatMap(([cell = '']) =>
    codeIn(cell).map((quote) => {
      const pieces = quote.split(/…|\b\d+\b/).map((piece) => piece.trim())
      return { quote, pieces: pieces.filter((piece) => piece.length > 4) }
    }),
  )
  expect(quotes.length).toBeGreaterThan(10)
  const unsaid = quotes.filter(({ pieces }) => !pieces.every((piece) => sources.includes(piece)))
  expect(unsaid.map(({ quote }) => quote)).toEqual([])
})

describe('docs/house.md', () => {
  /** The command that the page gives. */
  const [search] = blocksOf('docs/house.md').filter(({ language }) => language === 'sh')
  const told = rowsBelow('docs/house.md', '## Who knows the flights').flatMap(([cell = '']) => codeIn(cell))

  test('its list is what its command finds', () => {
    const found = execFileSync('bash', ['-c', search?.text ?? 'false'], { cwd: root, encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((file) => file.replace(/^\.\//, ''))
    expect(found.length).toBeGreaterThan(20)
    const isIn = (file: string, where: string) =>
      where.endsWith('/') ? file.startsWith(where) : file === where
    // To be listed with a reason, or to lose the words.
    expect(found.filter((file) => !told.some((where) => isIn(file, where)))).toEqual([])
    // To be taken off the list.
    expect(told.filter((where) => !found.some((file) => isIn(file, where)))).toEqual([])
  })

  test('imports point as its table says', () => {
    const arrows = rowsBelow('docs/house.md', '## Which way imports point').map(
      ([from = '', to = '']) => [codeIn(from)[0] ?? '', codeIn(to)] as const,
    )
    expect(arrows.map(([room]) => room)).toContain('scenarios')
    // in-node is where tests run scenarios without k6.
    const isSource = (file: string) => /\.ts$/.test(file) && !/\.(test|d)\.ts$|fixture|\/in-node\//.test(file)
    const importedBy = (file: string) =>
      [...read(file).matchAll(/^(?:import|export)\b[^;'"]*?\bfrom '(\.[^']+)'/gm)].map(([, to = '']) =>
        path.posix.join(path.posix.dirname(file), to),
      )
    const wrong = arrows.flatMap(([room, allowed]) => {
      const isAllowed = (to: string) =>
        [room, ...allowed].some((one) => to === one || to.startsWith(`${one}/`))
      return files
        .filter((file) => file.startsWith(`${room}/`) && isSource(file))
        .flatMap((file) => importedBy(file).map((to) => ({ file, to })))
        .filter(({ to }) => !isAllowed(to))
    })
    expect(wrong).toEqual([])
  })

  test('answers ten questions, each by files that are there', () => {
    const answers = rowsBelow('docs/house.md', '## Where would I change …')
    expect(answers).toHaveLength(10)
    for (const [question = '', answer = ''] of answers) {
      expect(codeIn(answer), question).not.toEqual([])
      expect(
        codeIn(answer).filter((file) => !files.includes(file)),
        question,
      ).toEqual([])
    }
  })
})

describe('docs/claims.md', () => {
  const numbers = (cells: readonly string[]) => cells.map((cell) => Number(cell.replaceAll(',', '')))

  test('has the published points as the workload has them, with their gaps', () => {
    const told = rowsBelow('docs/claims.md', '## One machine').filter(([clients]) =>
      /^\d+$/.test(clients ?? ''),
    )
    expect(
      told.map(([clients, between, ...rates]) => {
        const [postgres, python] = numbers(rates)
        return {
          clients: Number(clients),
          tps: { postgres, python },
          ...(between !== 'nothing' && { between }),
        }
      }),
    ).toEqual(published.curve)
    for (const [, , ...rates] of told) {
      const [postgres = 0, python = 1, gap] = numbers(rates)
      expect(gap).toBeCloseTo(postgres / python, 2)
    }
  })

  test("has clients by Little's law as they follow", () => {
    const rows = rowsBelow('docs/claims.md', "## Held against Little's law")
    expect(rows.length).toBeGreaterThan(5)
    for (const [what, , ...cells] of rows) {
      const [rate = 0, latencyMs = 0, clients = 0] = numbers(cells)
      expect(Math.abs((rate * latencyMs) / 1000 / clients - 1), what).toBeLessThan(0.005)
    }
    expect(rows.slice(0, 2).map(([, , rate, ms]) => numbers([rate ?? '', ms ?? '']))).toEqual(
      Object.values(published.sides).map(({ tps, meanMs }) => [tps, meanMs]),
    )
  })
})
