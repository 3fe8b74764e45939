/** Targets of someone else's, as a command line names them. */

import { type HttpAddress, httpAddress } from '../targets/address/http.ts'
import { type PostgresAddress, postgresAddress } from '../targets/address/postgres.ts'
import { certificateFile } from '../targets/address/trust.ts'

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
 * @throws {BadInput} that names the flag and shows nothing secret
 */
export function addressesRead<Options extends Written>(
  { postgresUrl, pythonUrl, ca, ...options }: Options,
  environment: NodeJS.ProcessEnv,
): Read<Options> {
  if (ca !== undefined) certificateFile(ca, '--ca')
  return {
    ...options,
    ...(ca !== undefined && { ca }),
    ...(postgresUrl !== undefined && {
      postgresUrl: postgresAddress(postgresUrl, { name: '--postgres-url', environment, ca }),
    }),
    ...(pythonUrl !== undefined && { pythonUrl: httpAddress(pythonUrl, { name: '--python-url', ca }) }),
  }
}
