/** Every form in which trainings are left behind. */
import type { TrainingCheck } from '../../gap/training.ts'
import type { Format } from '../formats.ts'
import { type Case, failed, suitesDocument } from '../suites.ts'
import { boundInWords, measuredInWords } from '../words.ts'
import { trainingMarkdown } from './markdown.ts'
import type { TrainingRun } from './run.ts'
import { count, sentence } from './words.ts'

function ofThreshold(check: TrainingCheck): Case {
  const name = `${check.threshold} at ${count(check.rows)} rows`
  if (check.outcome === 'pass') return { name }
  const [measured, expected] = [measuredInWords(check), boundInWords(check)]
  const known = { threshold: name, measured, expected }
  return {
    name,
    result: failed('failure', 'threshold crossed', `measured ${measured}, expected ${expected}`, known),
  }
}

const trainingJunit = (run: TrainingRun): string =>
  suitesDocument({ ...run, said: sentence(run), errors: '' }, [
    {
      name: 'thresholds',
      seconds: run.sizes.flatMap(({ ways }) => ways).reduce((sum, { seconds }) => sum + seconds, 0),
      cases: run.checks.map(ofThreshold),
    },
  ])

export const formats: readonly Format<TrainingRun>[] = [
  { file: 'training.json', render: (run) => JSON.stringify(run, null, 1) },
  { file: 'training.html', render: async (run) => (await import('./html.ts')).trainingHtml(run) },
  { file: 'junit.xml', render: trainingJunit },
  // What GitHub shows below a job.
  { file: 'summary.md', render: trainingMarkdown, appendedTo: 'GITHUB_STEP_SUMMARY' },
]
