/** The digest of the prepared rows: how many there are, and the sum of their hashes, each with its place in the file. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Progress } from '../build/step.ts'
import { type Sum, SumOfHashes } from './hashes.ts'
import type { Prepared } from './prepared.ts'

const newline = 10
const quote = 34

/**
 * Where the line ends that begins at `start`; -1 where that is not yet to be seen.
 * @param isText the line may hold texts, and these line ends
 */
function endOfLine(bytes: Buffer, start: number, isText: boolean): number {
  if (!isText) return bytes.indexOf(newline, start)
  let isInside = false
  for (let at = start; at < bytes.length; at++) {
    if (bytes[at] === quote) isInside = !isInside
    else if (bytes[at] === newline && !isInside) return at
  }
  return -1
}

/** Comparable with what the table that was loaded from it gives. */
export async function digestOfCsv({ csv, dataset }: Prepared, progress: Progress = () => {}): Promise<Sum> {
  const isText = dataset.columns.some(({ type }) => type === 'text')
  const { size } = await stat(csv)
  const sum = new SumOfHashes()
  let place = 0 // of the header
  let read = 0
  let begun: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(csv, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    const bytes = begun.length > 0 ? Buffer.concat([begun, chunk]) : chunk
    let start = 0
    for (let end = endOfLine(bytes, 0, isText); end >= 0; end = endOfLine(bytes, start, isText)) {
      if (place > 0) sum.add(bytes, start, end, place)
      place++
      start = end + 1
    }
    begun = bytes.subarray(start)
    read += chunk.length
    progress(`reading the CSV: ${Math.floor((100 * read) / size)} %`)
  }
  return sum.value()
}
