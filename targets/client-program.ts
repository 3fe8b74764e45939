/** Programs of other makes that ask a target: one that fails tells of whom it asked, and not of what is set up here. */
import path from 'node:path'
import { type CommandOptions, endOf, ran } from '../build/command.ts'
import { CouldNotMeasure } from '../build/failure.ts'

/**
 * @returns standard output
 * @throws {CouldNotMeasure} with the end of what it said
 */
export async function runClient(file: string, args: string[], options: CommandOptions): Promise<string> {
  const { code, how, stdout, all } = await ran(file, args, options)
  if (code === 0) return stdout
  throw new CouldNotMeasure(
    `${path.basename(file)} ${how ?? `ended with exit code ${code}`}:\n${endOf(all, 15)}`,
  )
}
