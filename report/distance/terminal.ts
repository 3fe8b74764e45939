/** Latency and gap by distance as people read them in a terminal. */
import { colour } from '../colour.ts'
import { heading, premiseLines } from '../lines.ts'
import { table } from '../table.ts'
import { clientsInWords } from '../words.ts'
import type { DistanceRun } from './run.ts'
import {
  countsOf,
  linksInWords,
  publishedTable,
  rowsTable,
  slopesTable,
  type Table,
  whatPublishedIs,
  whatSlopesAre,
} from './words.ts'

const section = (name: string, what: string, { head, body }: Table): string[] =>
  body.length > 0 ? [heading(name, what), table(head, body)] : []

export function distanceTerminal(run: DistanceRun): string {
  const theirs = section('Published, each side on a host of its own', whatPublishedIs, publishedTable(run))
  return [
    ...countsOf(run).flatMap((clients) =>
      section(clientsInWords(clients), linksInWords(run), rowsTable(run, clients)),
    ),
    ...section('Round trips of an answer', whatSlopesAre, slopesTable(run)),
    ...(theirs.length > 0 ? [...theirs, colour.dim(`  ${run.published?.source}`)] : []),
    heading('Premises'),
    ...premiseLines(run.premises),
  ].join('\n')
}
