/**
 * Postgres refuses to run as root, and containers and CI often are root.
 *
 * First choice: a user namespace in which root is an ordinary user, so that all files stay root's own and the checkout
 * stays deletable. Where the kernel does not permit that: the account `nobody`, if it can reach the files at all.
 */
import { Failure } from '../../build/failure.ts'
import { probe } from '../../build/probe.ts'

const namespace = ['unshare', '--user', '--map-user=1000', '--map-group=1000']
const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']

const works = (prefix: string[], ...command: string[]) => {
  const [file, ...args] = [...prefix, ...command] as [string, ...string[]]
  return probe(file, ...args) !== undefined
}

export interface Unprivileged {
  /** Goes before the command; empty where we are no root anyway. */
  prefix: string[]
  /** Who must own the data folder; undefined: whoever we are. */
  owner?: { uid: number; gid: number }
}

/** @param reach a file of the installation that the account must be able to execute */
export function unprivileged(reach: string): Unprivileged {
  if (process.getuid?.() !== 0) return { prefix: [] }
  if (works(namespace, 'true')) return { prefix: namespace }
  if (works(nobody, 'test', '-x', reach)) return { prefix: nobody, owner: { uid: 65534, gid: 65534 } }
  throw new Failure(
    'Postgres does not run as root, and here root can neither become an ordinary user in a namespace ' +
      '(`unshare --user` is refused) nor can the account `nobody` reach the checkout',
    'Run as an ordinary user, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces)',
  )
}
