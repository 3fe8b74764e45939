/** The README and docs/ are true: their examples are run as far as they go without a server. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { CommanderError } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from '../build/paths.ts'
import { beside, loadWorkload, queryText } from '../build/workload.ts'
import { readKeyFile } from '../datasets/keys.ts'
import { readThresholds } from '../gap/thresholds.ts'
import { type Block, blocksOf, pages, read } from '../tests/tree.ts'
import { misfitsOfQuestions } from '../workload/questions.ts'
import { program } from './main.ts'

const longest = 120
const mostOfReadme = 180

/** Written by a program from what a test found (see there). */
const generated = ['docs/faults.md', 'targets/postgres/pgml/test/bad-inputs.md']

test.each(pages.filter((page) => !generated.includes(page)))('no line of %s is long', (page) => {
  const long = read(page)
    .split('\n')
    .flatMap((line, index) => (line.length > longest ? [`${page}:${index + 1}: ${line.length}`] : []))
  expect(long).toEqual([])
})

test('the README is short', () => {
  expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(mostOfReadme)
})

/** As GitHub makes them of headings. */
const anchorsOf = (page: string) =>
  read(page)
    .split('\n')
    .flatMap((line) => /^#+ (.*)$/.exec(line)?.[1] ?? [])
    .map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    )

test('links lead to headings that are there', () => {
  const links = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\(([\w./-]*)#([^)]+)\)/g)].map(([, to = '', anchor = '']) => ({
      page,
      to: to ? path.normalize(path.join(path.dirname(page), to)) : page,
      anchor,
    })),
  )
  expect(links.length).toBeGreaterThan(10)
  expect(links.filter(({ to, anchor }) => !anchorsOf(to).includes(anchor))).toEqual([])
})

const blocks = pages.filter((page) => /^(README\.md|docs\/)/.test(page)).flatMap(blocksOf)
const pageOf = ({ place }: Block) => place.split(':')[0] as string
const named = (language: string) => blocks.filter((block) => block.language === language && block.words[0])

let folder: string
/** Whether it is a file of the checkout, shown whole. */
const isShown = ({ words: [file = ''] }: Block) => file.includes('/')
/** Where the named blocks of a page lie together. */
const folderOf = (block: Block) =>
  isShown(block) ? root : path.join(folder, pageOf(block).replaceAll('/', '-'))

test('what a page shows of a file is what stands there', () => {
  const shown = blocks.filter(isShown)
  for (const { place, words, text } of shown) expect(text, place).toBe(read(words[0] as string))
})

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pages of docs '))
  for (const block of blocks)
    if (block.words[0] && !isShown(block)) {
      mkdirSync(folderOf(block), { recursive: true })
      writeFileSync(path.join(folderOf(block), block.words[0]), block.text)
    }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(named('ts').map((block) => [block.place, block] as const))('the workload at %s', (_, block) => {
  test('is one, and each side makes a question of each key', async () => {
    const loaded = await loadWorkload(path.join(folderOf(block), block.words[0] as string), {})
    expect(loaded.sides.length).toBeGreaterThan(0)
    const { keys } = loaded
    // Of a file that is shown, the test that follows the example asks its keys.
    if (isShown(block) || (typeof keys === 'object' && 'sql' in keys)) return
    const { file, format } = typeof keys === 'string' ? { file: keys, format: undefined } : keys
    const { keys: all } = await readKeyFile(beside(loaded, file), format, 'even', 1)
    const textOf = ({ query }: { query: string | { file: string } }) => queryText(query, loaded.texts)
    expect(misfitsOfQuestions([...loaded.sides, ...loaded.beside], all, textOf)).toEqual([])
  })
})

test('the workloads of the pages are typed as their readers will have them', () => {
  const sources = named('ts').map((block) => path.join(folderOf(block), block.words[0] as string))
  expect(sources.length).toBeGreaterThan(2)
  const project = path.join(folder, 'tsconfig.json')
  const from = path.join(root, 'schema', 'workload.d.ts')
  writeFileSync(
    project,
    JSON.stringify({
      extends: path.join(root, 'tsconfig.json'),
      compilerOptions: {
        module: 'ESNext',
        moduleResolution: 'Bundler',
        types: [],
        paths: { 'inference-gap': [from] },
      },
      include: [],
      files: sources,
    }),
  )
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' })
  expect(stdout).toBe('')
  expect(status).toBe(0)
})

const withSides = named('json').filter(({ words }) => words.length > 1)

test.each(
  withSides.map((block) => [block.place, block] as const),
)('the thresholds at %s fit', async (_, block) => {
  const [file = '', sides = ''] = block.words
  await expect(readThresholds(path.join(folderOf(block), file), sides.split(','))).resolves.toBeDefined()
})

/** Command lines of a block: comments gone, continued lines joined. */
const commandsOf = ({ text }: Block) =>
  text
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter(Boolean)

const shellBlocks = blocks.filter(({ language }) => language === 'sh')

test('what is told to be typed is what a shell can read', () => {
  for (const { place, text } of shellBlocks)
    expect(spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' }).stderr, place).toBe('')
})

/** As the shell splits it. */
const wordsOf = (command: string): string[] =>
  JSON.parse(
    execFileSync(
      'bash',
      ['-c', `${process.execPath} -e 'console.log(JSON.stringify(process.argv.slice(1)))' -- ${command}`],
      {
        encoding: 'utf8',
      },
    ),
  )

const ours = shellBlocks.flatMap((block) =>
  commandsOf(block).flatMap((command) => {
    const found = /(?:npx inference-gap|npm run build --|node cli\/inference-gap\.mjs)\s+(.+)$/.exec(command)
    if (!found) return []
    const args = command.includes('npm run build') ? `build ${found[1]}` : (found[1] as string)
    return [[`${block.place}: ${args}`, args.replace(/\s*(\|\||&&|;).*$/, '')] as const]
  }),
)

test.each(ours)('the command line takes %s', async (_, args) => {
  let ran = false
  const cli = program(async () => {
    ran = true
  }, [])
  cli.configureOutput({ writeErr: () => {}, outputError: () => {} })
  for (const command of cli.commands)
    command.exitOverride().configureOutput({ writeErr: () => {}, outputError: () => {} })
  const words = wordsOf(args)
  const error = await cli.parseAsync(words, { from: 'user' }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  // A file of certificates that is not here is no fault of the page.
  if (error instanceof CommanderError || !words.includes('--ca')) expect(error).toBeUndefined()
  expect(ran || words.includes('--ca')).toBe(true)
})

test("the README's steps are those of the example, which a test follows", () => {
  const stepsOf = (page: string) =>
    blocksOf(page)
      .filter(({ language }) => language === 'sh')
      .flatMap(commandsOf)
      .filter((command) => /^npx inference-gap (check|compare|gate)\b/.test(command))
  expect(stepsOf('README.md').length).toBeGreaterThan(2)
  expect(stepsOf('examples/customers/README.md')).toEqual(expect.arrayContaining(stepsOf('README.md')))
})

test('every page of docs/ can be reached from the README', () => {
  const own = pages.filter((page) => page.startsWith('docs/'))
  expect(own.filter((page) => !read('README.md').includes(`](${page})`))).toEqual([])
})
