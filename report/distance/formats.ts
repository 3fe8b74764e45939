/** Every form in which a comparison at several distances is left behind. */
import type { Format } from '../formats.ts'
import type { DistanceRun } from './run.ts'

export const formats: readonly Format<DistanceRun>[] = [
  { file: 'distance.json', render: (run) => JSON.stringify(run, null, 1) },
  { file: 'report.html', render: async (run) => (await import('./html.ts')).distanceHtml(run) },
]
