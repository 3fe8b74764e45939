/** Every form in which new connections are left behind. */
import type { Format } from '../formats.ts'
import type { ConnectionsRun } from './run.ts'

export const formats: readonly Format<ConnectionsRun>[] = [
  { file: 'connections.json', render: (run) => JSON.stringify(run, null, 1) },
  { file: 'report.html', render: async (run) => (await import('./html.ts')).connectionsHtml(run) },
]
