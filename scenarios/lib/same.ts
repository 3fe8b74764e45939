/** Whether all sides that predict gave the same answers to the same questions, as the workload compares them. */
import { isSame, listed } from '../../workload/answers.ts'
import type { ResolvedSide } from '../../workload/resolve.ts'
import type { Answer, Compare } from '../../workload/workload.ts'
import { asked } from './workload.ts'

interface Answered {
  side: ResolvedSide
  answers: readonly (Answer | readonly Answer[])[]
}

/** Questions that all of them answered, and how many of these not in the same way. */
export type Same = [compared: number, different: number]

/** Of several keys that were asked at once the first ones are those that were asked one by one, or a few at once. */
function areSame(
  first: readonly Answer[],
  other: readonly Answer[],
  compare: Exclude<Compare, false>,
): boolean {
  const both = Math.min(first.length, other.length)
  return first.slice(0, both).every((answer, at) => isSame(answer, other[at] as Answer, compare))
}

export function sameOf(them: readonly Answered[], compare: Compare): Same {
  const predicting = them
    .filter(({ side }) => side.role === 'predict')
    .map(({ side, answers }) => answers.map((each) => listed(each, side.size)))
    // Each is compared with the one that was asked for the most keys at once.
    .sort(([one], [other]) => (other?.length ?? 0) - (one?.length ?? 0))
  const [first, ...others] = predicting
  if (compare === false || !first || others.length === 0) return [0, 0]
  // What a side failed to answer shows in its failures.
  const compared = Math.min(...predicting.map(({ length }) => length))
  let different = 0
  for (let at = 0; at < compared; at++)
    if (others.some((answers) => !areSame(first[at] ?? [], answers[at] ?? [], compare))) different++
  return [compared, different]
}

export const sameAnswers = (them: readonly Answered[]): Same => sameOf(them, asked.compare)
