/** Which host of a side a new connection of this virtual user leads to. */
import exec from 'k6/execution'
import { type Host, hostFor, hostsIn } from '../../workload/hosts.ts'

/** How often this virtual user has connected, by address. */
const opened = new Map<string, number>()

/** @returns with its name only where the side is several */
export function nextHost(address: string): Pick<Host, 'address'> & { host: string | undefined } {
  const hosts = hostsIn(address)
  const before = opened.get(address) ?? 0
  opened.set(address, before + 1)
  const { address: own, name } = hostFor(hosts, exec.vu.idInTest, before)
  return { address: own, host: hosts.length > 1 ? name : undefined }
}
