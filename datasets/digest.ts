/** SHA-256 of the prepared rows in the form in which Postgres is asked for them: the CSV without its header. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Prepared } from './prepared.ts'

const newline = 10

export async function digestOfCsv({ csv }: Prepared): Promise<string> {
  const hash = createHash('sha256')
  let inHeader = true
  for await (const chunk of createReadStream(csv) as AsyncIterable<Buffer>) {
    const end = inHeader ? chunk.indexOf(newline) : -1
    if (!inHeader) hash.update(chunk)
    else if (end >= 0) {
      inHeader = false
      hash.update(chunk.subarray(end + 1))
    }
  }
  return hash.digest('hex')
}
