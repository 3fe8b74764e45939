/**
 * The list of bad inputs that the regression tests try, with the error that each gets, as Markdown. It follows from
 * test/expected; run by itself it writes test/bad-inputs.md.
 */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { pgmlSources } from '../../../../build/pgml.ts'

const files = ['errors', 'classify', 'surface', 'predict', 'deploy', 'rights']
export const listFile = path.join(pgmlSources, 'test', 'bad-inputs.md')

interface BadInput {
  statement: string
  error: string
  sqlstate?: string
}

/** What psql printed: each line of input, then what came of it. */
function badInputsOf(output: string): BadInput[] {
  const found: BadInput[] = []
  let statement: string[] = []
  for (const line of output.split('\n')) {
    const error = /^(?:ERROR|psql:.*ERROR): +(.*)$/.exec(line)
    const detail = /^DETAIL: +(.*)$/.exec(line)
    const sqlstate = /^SQLSTATE (\w{5})$/.exec(line)
    if (error) {
      found.push({ statement: statement.join(' ').replace(/\s+/g, ' '), error: error[1] as string })
      statement = []
    } else if (detail && found.length > 0) {
      const last = found.at(-1) as BadInput
      last.error += `: ${detail[1]}`
    } else if (sqlstate && found.length > 0 && sqlstate[1] !== '00000') {
      const last = found.at(-1) as BadInput
      last.sqlstate ??= sqlstate[1] as string
    } else if (/^(SELECT|EXECUTE|SET|CREATE|UPDATE|INSERT|TRUNCATE|DELETE) /.test(line)) statement = [line]
    else if (statement.length > 0 && /^ {2,}\S/.test(line)) statement.push(line)
  }
  return found
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('`', "'")

export async function list(): Promise<string> {
  const lines = [
    '# Bad inputs, and the error that each gets',
    '',
    'Written from `expected/` by `node --import tsx targets/postgres/pgml/test/bad-inputs.ts`. The tables and views that the',
    'statements name are in `sql/`, in the file of that name. Each session goes on after each of them.',
  ]
  for (const name of files) {
    const inputs = badInputsOf(
      await readFile(path.join(pgmlSources, 'test', 'expected', `${name}.out`), 'utf8'),
    )
    lines.push('', `## ${name}`, '', '| statement | error | SQLSTATE |', '| --- | --- | --- |')
    for (const { statement, error, sqlstate } of inputs) {
      const shown = cell(error.length > 160 ? `${error.slice(0, 160)} …` : error)
      lines.push(
        `| \`${cell(statement)}\` | ${/^\w{5}$/.test(shown) ? '' : shown} | ${sqlstate ?? (/^\w{5}$/.test(shown) ? shown : '')} |`,
      )
    }
  }
  return `${lines.join('\n')}\n`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await writeFile(listFile, await list())
