/** Hosts of a side as people read them in a terminal. */
import type { HostRow } from '../gap/hosts.ts'
import { figure, table } from './table.ts'

export const hostsTable = (rows: readonly HostRow[]): string =>
  table(
    ['side', 'host', 'clients', 'answers', 'share', 'p50 ms', 'p99 ms', 'failed'],
    rows.map(({ key, host, clients, answers, share, p50Ms, p99Ms, failures }) => [
      key,
      host,
      String(clients),
      answers.toLocaleString('en'),
      `${figure(share * 100)} %`,
      figure(p50Ms),
      figure(p99Ms),
      String(failures),
    ]),
  )
