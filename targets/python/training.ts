/** Trains the service's model from the CSV, once for each content. */
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { run } from '../../build/command.ts'
import { inCache, python, root } from '../../build/paths.ts'
import type { Prepared } from '../../datasets/prepared.ts'
import type { Dataset } from '../../workload/dataset.ts'
import type { TrainingReport } from '../training.ts'

const homeOf = ({ name }: Dataset) => inCache('python-target', 'models', name)
export const modelFileOf = (dataset: Dataset) => path.join(homeOf(dataset), 'model.ubj')

/** What of train.py's report is used. */
const reportSchema = z.object({ seconds: z.object({ total: z.number() }), peak_rss_bytes: z.number() })

/** @param fingerprint of all that the model follows from */
export async function ensurePythonModel(
  { dataset, csv, description }: Prepared,
  fingerprint: string,
  progress: (what: string) => void,
  signal?: AbortSignal,
): Promise<{ report: TrainingReport; trained: boolean }> {
  const home = homeOf(dataset)
  const modelFile = modelFileOf(dataset)
  const reportFile = path.join(home, 'report.json')
  const madeFrom = path.join(home, 'made-from')
  const known = existsSync(modelFile) && existsSync(madeFrom) && (await readFile(madeFrom, 'utf8'))
  const [hash, trainedAt] = known ? known.split('\n') : []
  const fresh = hash === fingerprint
  let now = trainedAt ?? ''
  if (!fresh) {
    await mkdir(home, { recursive: true })
    progress('training')
    await run(
      python,
      [
        path.join(root, 'targets', 'python', 'train.py'),
        ...['--csv', csv],
        ...['--dataset', description],
        ...['--model', modelFile],
        ...['--report', reportFile],
      ],
      { signal },
    )
    now = new Date().toISOString()
    await writeFile(madeFrom, `${fingerprint}\n${now}`)
  }
  const report = reportSchema.parse(JSON.parse(await readFile(reportFile, 'utf8')))
  return {
    trained: !fresh,
    report: {
      seconds: report.seconds.total,
      peakBytes: report.peak_rss_bytes,
      peakMethod: 'ru_maxrss',
      trainedAt: now,
    },
  }
}
