/** Whether all sides that predict gave the same answers to the same questions, as the workload compares them. */
import { isSame } from '../../workload/answers.ts'
import type { ResolvedSide } from '../../workload/resolve.ts'
import type { Answer, Compare } from '../../workload/workload.ts'
import { asked } from './workload.ts'

interface Answered {
  side: ResolvedSide
  answers: readonly Answer[]
}

/** Questions that all of them answered, and how many of these not in the same way. */
export type Same = [compared: number, different: number]

export function sameOf(them: readonly Answered[], compare: Compare): Same {
  const predicting = them.filter(({ side }) => side.role === 'predict').map(({ answers }) => answers)
  const [first, ...others] = predicting
  if (compare === false || !first || others.length === 0) return [0, 0]
  // What a side failed to answer shows in its failures.
  const compared = Math.min(...predicting.map(({ length }) => length))
  let different = 0
  for (let at = 0; at < compared; at++)
    if (others.some((answers) => !isSame(first[at] as Answer, answers[at] as Answer, compare))) different++
  return [compared, different]
}

export const sameAnswers = (them: readonly Answered[]): Same => sameOf(them, asked.compare)
