/** Changes under load as people read them in a terminal. */
import { colour } from '../colour.ts'
import { heading, wrapped } from '../lines.ts'
import { table } from '../table.ts'
import type { ChangesRun } from './run.ts'
import { takeoverInWords, takeoverTable, writesInWords, writesTable } from './words.ts'

const part = (
  title: string,
  rounds: number,
  { head, body }: { head: string[]; body: string[][] },
  words: string,
) => [heading(title, `${rounds} rounds`), table(head, body), colour.dim(`  ${wrapped(words, 76, 2)}`)]

export const changesTerminal = ({ takeover, writes, rounds, how }: ChangesRun): string =>
  [
    ...(takeover
      ? part('A new model goes live', rounds, takeoverTable(takeover, false), takeoverInWords)
      : []),
    ...(writes ? part('Features change', rounds, writesTable(writes, false), writesInWords) : []),
    ...how.map(({ address, how: way }) => colour.dim(`  ${wrapped(`${address}: ${way}`, 76, 4)}`)),
  ].join('\n')
