/** A file of the user's, which a variable names: read in the init context, where alone k6 opens files. */
import { plainText } from '../../workload/plain-text.ts'

/** @throws {Error} naming variable, file and what is wrong with it */
export function readJson(variable: string, file: string): unknown {
  try {
    return JSON.parse(plainText(open(file)))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(
      `${variable}: ${file}: ${error instanceof SyntaxError ? `is not JSON: ${reason}` : reason}`,
    )
  }
}
