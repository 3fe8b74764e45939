/** Standard output may end before we do (`| head`), or its disk may be full: that costs what was to be read there, nothing else. */
import { reasonOf } from '../build/failure.ts'

/** What is said of a failure; nothing where whoever read it has closed it, for they have what they wanted. */
export const saidOf = (error: NodeJS.ErrnoException): string =>
  error.code === 'EPIPE' ? '' : `\n! Standard output could not be written: ${reasonOf(error)}\n`

let isWatched = false

/** From now on a failure to write there is told once on standard error, instead of ending the process. */
export function surviveItsEnd(): void {
  if (isWatched) return
  isWatched = true
  // Where standard error is gone, too, there is nobody left to tell.
  process.stderr.on('error', () => {})
  process.stdout.once('error', (error) => {
    process.stdout.on('error', () => {})
    process.stderr.write(saidOf(error))
  })
}
