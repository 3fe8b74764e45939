/** Files that variables name: those of the user are read in the init context, and there, too, is tried what will be written. */
import recorder from 'k6/x/recorder'
import { plainText } from '../../workload/plain-text.ts'
import { text } from './settings.ts'

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** @throws {Error} naming variable, file and what is wrong with it */
export function readJson(variable: string, file: string): unknown {
  try {
    return JSON.parse(plainText(open(file)))
  } catch (error) {
    const what = error instanceof SyntaxError ? 'is not JSON: ' : ''
    throw new Error(`${variable}: ${file}: ${what}${messageOf(error)}`)
  }
}

/** A file to be written, or an empty text. @throws {Error} naming variable and file where it cannot be */
export function writable(variable: string): string {
  const file = text(variable, '')
  // Once a test: by whoever is asked for the options, before there are virtual users.
  if (file && __VU === 0)
    try {
      recorder.tryFile(file)
    } catch (error) {
      throw new Error(`${variable}: ${messageOf(error)}`)
    }
  return file
}
