/** docs/faults.md, whose table is written by the run. */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { root } from '../../build/paths.ts'
import type { Group, Row } from './row.ts'

const page = path.join(root, 'docs', 'faults.md')

const head = `# Faults

What is done to a run, what must come of it, and what was seen. \`npm run test:faults\` writes this page. A part of the
rows is in \`npm test\`, too. No fault may end as a pass, or as a gap that one would believe.

The numbers are exit codes: 99 is a crossed threshold, 3 is *could not measure*. A *second opinion* is a program that
shares no code with the rest. It reads \`run.json\` afterwards and must find the fault from the data alone: failures, a
step in the time that a request takes, a hole, other answers, lost connections, an end before the time.

On a busy machine other [premises](method.md#premises) break besides those that the fault breaks. They are named, too.
`

const seen = new Map<Row, string>()

export const record = (row: Row, what: string) => void seen.set(row, what)

const cell = (text: string) => text.replace(/\s+/g, ' ').replaceAll('|', '\\|')

/** Title of a group, and what is done. */
const nameOf = (title: string, { what }: Row) => `${title}: ${cell(what)}`
export const namesOf = (groups: readonly Group[]) =>
  groups.flatMap(({ title, rows }) => rows.map((row) => nameOf(title, row)))

/** What the page says was seen, by the rows' names. */
export async function rowsOnPage(): Promise<Map<string, string>> {
  const text = await readFile(page, 'utf8').catch(() => '')
  const rows = new Map<string, string>()
  let title = ''
  for (const line of text.split('\n')) {
    if (line.startsWith('## ')) title = line.slice(3)
    const [, what, , was] = line.split(/(?<!\\)\|/).map((each) => each.trim())
    if (was && what !== 'what is done' && !/^-+$/.test(was)) rows.set(`${title}: ${what}`, was)
  }
  return rows
}

/** What was not looked at this time stays as it was seen before. */
export async function writePage(groups: readonly Group[]): Promise<void> {
  const before = await rowsOnPage()
  const tables = groups.map(({ title, rows }) => {
    const lines = rows.map((row) => {
      const now = seen.get(row)
      const was = now === undefined ? (before.get(nameOf(title, row)) ?? 'not yet looked at') : cell(now)
      return `| ${cell(row.what)} | ${cell(row.expected)} | ${was} |`
    })
    return `\n## ${title}\n\n| what is done | expected | seen |\n| --- | --- | --- |\n${lines.join('\n')}\n`
  })
  await writeFile(page, head + tables.join(''))
}
