/** docs/faults.md, whose table is written by the run. */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { root } from '../../build/paths.ts'
import type { Group, Row } from './row.ts'

const page = path.join(root, 'docs', 'faults.md')

const head = `# Faults

What is done to a run, what must come of it, and what was seen. This page is written by \`npm run test:faults\`; a part of
the rows is in \`npm test\`, too. No fault may end as a pass, or as a gap that one would believe.

*Second opinion*: a program that shares nothing with this project reads \`run.json\` afterwards. It must find the fault from
the data alone: failures, a step in the time that a request takes, a hole, other answers, lost connections.
`

const seen = new Map<string, string>()

export const record = (row: Row, what: string) => void seen.set(row.what, what)

const cell = (text: string) => text.replace(/\s+/g, ' ').replace(/\|/g, '\\\\|')

const cellsOf = (line: string) =>
  line
    .replace(/^\\| | \\|$/g, '')
    .split(/(?<!\\\\) *\\| /)
    .map((each) => each.trim())

/** What the page says was seen, by what is done. */
export async function rowsOnPage(): Promise<Map<string, string>> {
  const text = await readFile(page, 'utf8').catch(() => '')
  const rows = text.split('\n').filter((line) => /^\| (?!what is done|---)/.test(line))
  return new Map(rows.map(cellsOf).map(([what = '', , was = '']) => [what, was]))
}

/** What was not looked at this time stays as it was seen before. */
export async function writePage(groups: readonly Group[]): Promise<void> {
  const before = await rowsOnPage()
  const tables = groups.map(({ title, rows }) => {
    const lines = rows.flatMap((row) => {
      const was = seen.get(row.what) ?? before.get(cell(row.what))
      return was === undefined ? [] : [`| ${cell(row.what)} | ${cell(row.expected)} | ${cell(was)} |`]
    })
    return `\n## ${title}\n\n| what is done | expected | seen |\n| --- | --- | --- |\n${lines.join('\n')}\n`
  })
  await writeFile(page, head + tables.join(''))
}
