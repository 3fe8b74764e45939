/** What every command that measures does before: are the answers the same? And what it says of the questions. */
import type { LoadedWorkload } from '../build/workload.ts'
import { answersOf, checkParity, type Parity } from '../targets/parity.ts'
import type { AnyKey, Draw } from '../workload/workload.ts'
import { show } from './progress.ts'
import { predictingSides, type Targets } from './targets.ts'

export const keysOfParity = 1000
/** In the place of facts that were asked for in vain. */
export const unknown = 'could not be asked after the load'
/** Where answers are not compared: only that there is one of the declared kind. */
const keysUncompared = 10

/** Where answers may not be compared, or there is nothing to compare with, each side answers all the same. */
export async function parityOf(targets: Targets, keys: AnyKey[]): Promise<Parity | undefined> {
  const { workload, asked } = targets
  const sides = predictingSides(targets)
  const { compare } = workload
  if (compare !== false && sides.length > 1)
    return show.one('Compare the answers of all sides', async (tell) => {
      const found = await checkParity(sides, keys, compare, asked)
      tell(`${found.keys} keys, ${found.identical} bit-identical`)
      return found
    })
  await show.one('Ask each side a few keys', async () => {
    for (const side of sides) await answersOf(side, keys.slice(0, keysUncompared), asked)
  })
  return undefined
}

/** Which key is asked for next. */
export const drawInWords = (draw: Draw) =>
  typeof draw === 'object' ? `by Zipf's law, exponent ${draw.zipf}` : draw

/** Of which kind answers are, and when two are the same. */
export const answersInWords = ({ answer, compare }: LoadedWorkload) =>
  `${answer}, ${
    compare === false
      ? 'not compared'
      : typeof compare === 'function'
        ? 'compared by a function'
        : compare === 'equal'
          ? 'the same where they are equal'
          : `the same within ${compare.tolerance}`
  }`
