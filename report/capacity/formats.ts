/** Every form in which a search for capacities is left behind. */
import type { Format } from '../formats.ts'
import { capacityJunit } from './junit.ts'
import { capacityMarkdown } from './markdown.ts'
import type { CapacityRun } from './run.ts'

export const formats: readonly Format<CapacityRun>[] = [
  { file: 'capacity.json', render: (run) => JSON.stringify(run, null, 1) },
  { file: 'capacity.html', render: async (run) => (await import('./html.ts')).capacityHtml(run) },
  { file: 'junit.xml', render: capacityJunit },
  // What GitHub shows below a job.
  { file: 'summary.md', render: capacityMarkdown, appendedTo: 'GITHUB_STEP_SUMMARY' },
]
