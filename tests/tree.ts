/** The checkout as whoever gets it has it: what tests look through for what is told, and for what it is told of. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { root } from '../build/paths.ts'

const notOurs = new Set(['node_modules', '.cache', '.git', '.venv', 'bin', 'dist', 'results', '__pycache__'])

/** Every file that is neither built nor downloaded; the checkout need not be a clone. */
export const files = readdirSync(root, { withFileTypes: true })
  .filter(({ name }) => !notOurs.has(name))
  .flatMap((entry) =>
    entry.isDirectory()
      ? readdirSync(path.join(root, entry.name), { recursive: true, encoding: 'utf8' }).map((name) =>
          path.join(entry.name, name),
        )
      : [entry.name],
  )
  .filter(
    (file) =>
      !file.split(path.sep).some((part) => notOurs.has(part)) && statSync(path.join(root, file)).isFile(),
  )

export const read = (file: string) => readFileSync(path.join(root, file), 'utf8')

export const pages = files.filter((file) => file.endsWith('.md'))

/** A fenced block of a page. */
export interface Block {
  /** Page and line. */
  place: string
  language: string
  /** What stands behind the language: a file's name, and whatever else the page's test wants to know. */
  words: string[]
  text: string
}

export function blocksOf(page: string): Block[] {
  const blocks: Block[] = []
  let open: Block | undefined
  for (const [index, line] of read(page).split('\n').entries()) {
    const fence = /^\s*```(.*)$/.exec(line)
    if (!fence) {
      if (open) open.text += `${line}\n`
    } else if (open) {
      blocks.push(open)
      open = undefined
    } else {
      const [language = '', ...words] = (fence[1] as string).trim().split(/\s+/)
      open = { place: `${page}:${index + 1}`, language, words, text: '' }
    }
  }
  return blocks
}

/** Cells of the tables below a heading, row by row, without heads and rules; backquotes and pipes as they stand. */
export function rowsBelow(page: string, heading: string): string[][] {
  const lines = read(page).split('\n')
  const from = lines.indexOf(heading)
  if (from < 0) throw new Error(`${page} has no heading '${heading}'`)
  const level = /^#+/.exec(heading)?.[0].length ?? 0
  const to = lines.findIndex((line, at) => at > from && new RegExp(`^#{1,${level}} `).test(line))
  const own = lines.slice(from + 1, to < 0 ? undefined : to)
  return own
    .filter(
      (line, at) =>
        line.startsWith('|') && !/^\|[ :|-]+\|$/.test(line) && !/^\|[ :|-]+\|$/.test(own[at + 1] ?? ''),
    )
    .map((line) =>
      line
        .replace(/^\||\|$/g, '')
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    )
}

/** What stands in backquotes. */
export const codeIn = (text: string): string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code as string)
