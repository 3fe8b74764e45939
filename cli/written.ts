/** Options as a command line has them, and what several flags say together. */
import type { Command } from 'commander'
import { addressesRead, scaleRead, tableRead, type Written, type WrittenTable } from './given.ts'

/** The user's, as it was before anything of it was set aside. */
const environment = { ...process.env }

/** Addresses and a table are read from several flags. @typeParam Ours no flags */
export type AsWritten<Options, Ours extends string = never> = Omit<
  Options,
  Ours | keyof Written | keyof WrittenTable
> &
  Written &
  WrittenTable

export function goTogether<Options extends Written & WrittenTable & { keys?: string; workload?: string }>(
  given: Options,
  command: Command,
) {
  const refuse = (message: string) => command.error(`error: ${message}`)
  const [table, scale] = [tableRead(given, refuse), scaleRead(given, refuse)]
  // A variable is for whatever is asked, and may have no effect.
  const isFlag = command.getOptionValueSource('ca') === 'cli'
  const isOurs = given.workload === undefined && (given.postgresUrl ?? given.pythonUrl) === undefined
  if (isFlag && isOurs)
    refuse('--ca is for addresses of your own: give --workload, or --postgres-url and --python-url')
  const addresses = addressesRead(given, environment, isFlag ? '--ca' : 'CA_FILE')
  const read = { ...addresses, ...(table && { table }), ...(scale && { scale }) }
  if (
    (table || scale) &&
    [given.workload, given.postgresUrl, given.pythonUrl, given.keys].some((each) => each !== undefined)
  )
    refuse(
      `${table ? '--data' : '--rows'} is for the embedded targets: leave out --workload, --keys, --postgres-url and --python-url`,
    )
  if (given.workload !== undefined && (given.postgresUrl ?? given.pythonUrl) !== undefined)
    command.error(
      'error: --postgres-url and --python-url are for the flights; a workload names the variables of its addresses',
    )
  if ((given.postgresUrl === undefined) !== (given.pythonUrl === undefined))
    command.error(
      'error: --postgres-url and --python-url go together: give both, or neither for the embedded targets',
    )
  if (given.postgresUrl !== undefined && given.keys === undefined)
    command.error('error: --keys is missing: targets of your own need a file of keys that they know')
  return read
}
