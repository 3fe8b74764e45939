/** SHA-256 of the prepared rows in the form in which Postgres is asked for them: the CSV without its header. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { columns } from './flights.ts'
import { csvFile } from './prepared.ts'

export async function digestOfCsv(): Promise<string> {
  const hash = createHash('sha256')
  const start = Buffer.byteLength(`${columns.join(',')}\n`)
  for await (const chunk of createReadStream(csvFile, { start })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
