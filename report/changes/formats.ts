/** Every form in which changes under load are left behind. */
import type { Format } from '../formats.ts'
import type { ChangesRun } from './run.ts'

export const formats: readonly Format<ChangesRun>[] = [
  { file: 'changes.json', render: (run) => JSON.stringify(run, null, 1) },
  { file: 'report.html', render: async (run) => (await import('./html.ts')).changesHtml(run) },
]
