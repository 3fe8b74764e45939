/**
 * Every form in which a run is left behind: a file's name and its text. Another form is another line here.
 * What draws charts is read when there is something to draw: it is as large as all the rest.
 */
import type { Comparison, Moved } from '../gap/baseline.ts'
import { junit } from './junit.ts'
import { markdown } from './markdown.ts'
import type { Run } from './run.ts'

/** A run, and how it compares with an earlier one; without one, both lists are empty. */
export interface Judged {
  run: Run
  compared: Comparison[]
  moved: Moved[]
}

/** @typeParam T what is rendered */
export interface Format<T = Judged> {
  /** In the folder of results. */
  file: string
  render: (left: T) => string | Promise<string>
  /** A variable that may name a file elsewhere; the text is appended to it, too. */
  appendedTo?: string
}

export const formats: readonly Format[] = [
  { file: 'run.json', render: ({ run }) => JSON.stringify(run, null, 1) },
  { file: 'report.html', render: async ({ run }) => (await import('./html/page.ts')).htmlReport(run) },
  { file: 'junit.xml', render: ({ run, compared }) => junit(run, compared) },
  {
    file: 'summary.md',
    render: ({ run, compared, moved }) => markdown(run, compared, moved),
    // What GitHub shows below a job.
    appendedTo: 'GITHUB_STEP_SUMMARY',
  },
]
