/** Every form in which a run is left behind: a file's name and its text. Another form is another line here. */
import type { Comparison, Moved } from '../gap/baseline.ts'
import { htmlReport } from './html/page.ts'
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
  render: (left: T) => string
  /** A variable that may name a file elsewhere; the text is appended to it, too. */
  appendedTo?: string
}

export const formats: readonly Format[] = [
  { file: 'run.json', render: ({ run }) => JSON.stringify(run, null, 1) },
  { file: 'report.html', render: ({ run }) => htmlReport(run) },
  { file: 'junit.xml', render: ({ run, compared }) => junit(run, compared) },
  {
    file: 'summary.md',
    render: ({ run, compared, moved }) => markdown(run, compared, moved),
    // What GitHub shows below a job.
    appendedTo: 'GITHUB_STEP_SUMMARY',
  },
]
