/** What a command line names: targets of someone else's, a table of the user's own, a number of rows. */
import type { Scale } from '../datasets/scaled.ts'
import type { GivenTable } from '../datasets/table.ts'
import { type HttpAddress, httpAddress } from '../targets/address/http.ts'
import { type PostgresAddress, postgresAddress } from '../targets/address/postgres.ts'
import { certificateFile } from '../targets/address/trust.ts'
import type { Dataset, Task } from '../workload/dataset.ts'

/** Before the addresses are read. */
export interface Written {
  postgresUrl?: string
  pythonUrl?: string
  /** A file with certificates of the user's own. */
  ca?: string
}

type Read<Options extends Written> = Omit<Options, keyof Written> & {
  ca?: string
  postgresUrl?: PostgresAddress
  pythonUrl?: HttpAddress
}

/**
 * @param environment the user's, in which a password may stand
 * @param saysCa what names the file of certificates
 * @throws {BadInput} that names the flag and shows nothing secret
 */
export function addressesRead<Options extends Written>(
  { postgresUrl, pythonUrl, ca, ...options }: Options,
  environment: NodeJS.ProcessEnv,
  saysCa = '--ca',
): Read<Options> {
  if (ca !== undefined) certificateFile(ca, saysCa)
  return {
    ...options,
    ...(ca !== undefined && { ca }),
    ...(postgresUrl !== undefined && {
      postgresUrl: postgresAddress(postgresUrl, { name: '--postgres-url', environment, ca }),
    }),
    ...(pythonUrl !== undefined && { pythonUrl: httpAddress(pythonUrl, { name: '--python-url', ca }) }),
  }
}

/** Before a table, or a number of rows, is read. */
export interface WrittenTable {
  data?: string
  target?: string
  key?: string[]
  features?: string[]
  task?: Task
  hyperparams?: Dataset['hyperparameters']
  describe?: boolean
  rows?: number
  rowsSeed?: number
}

export type DescribedTable = GivenTable & { describe: boolean }

/** As the published comparison trains. */
const usualHyperparameters = { n_estimators: 25 }

/** @param refuse ends with a message */
export function tableRead(
  { data, target, key, features, task, hyperparams, describe }: WrittenTable,
  refuse: (message: string) => never,
): DescribedTable | undefined {
  if (data === undefined) {
    const [alone] = Object.entries({ target, key, features, task, hyperparams, describe }).flatMap(
      ([flag, value]) => (value === undefined ? [] : flag),
    )
    return alone === undefined ? undefined : refuse(`--${alone} goes with --data`)
  }
  const hasSaid = [target, key, features, task].some((each) => each !== undefined)
  if (hasSaid && (target === undefined || key === undefined))
    return refuse(
      '--data goes with --target, the column that is predicted, and --key, by which it is asked for',
    )
  return {
    ...{ data, describe: describe === true },
    hyperparameters: { ...usualHyperparameters, ...hyperparams },
    ...(target !== undefined && { target }),
    ...(key && { key }),
    ...(features && { features }),
    ...(task && { task }),
  }
}

/** @param refuse ends with a message */
export function scaleRead(
  { rows, rowsSeed: seed, data }: WrittenTable,
  refuse: (message: string) => never,
): Scale | undefined {
  if (rows === undefined) return seed === undefined ? undefined : refuse('--rows-seed goes with --rows')
  if (data !== undefined) return refuse('--rows scales the bundled flights: leave out --data')
  return { rows, seed: seed ?? 1 }
}
