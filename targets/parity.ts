/** Before any load: the same keys are asked of all sides, and all must answer the same. */
import { nextStepFor } from '../build/causes.ts'
import { CouldNotMeasure, messageOf } from '../build/failure.ts'
import { sha256 } from '../build/fingerprint.ts'
import { difference, isIdentical, isSame } from '../workload/answers.ts'
import type { Question } from '../workload/batch.ts'
import { random } from '../workload/random.ts'
import type { Answer, AnyKey, Compare } from '../workload/workload.ts'
import { type Address, type Asked, withAsker } from './asker.ts'
import { NoAnswer } from './http.ts'

export interface Parity {
  keys: number
  /** Keys to which all sides answer alike to the last bit of a 32-bit float. */
  identical: number
  /** Between any side and the last one. */
  largestRelativeDifference: number
  /** SHA-256 of the first side's answers, in the order of the keys. */
  predictions: string
}

export interface AskedSide {
  side: Question
  address: Address
}

/** `count` keys, evenly drawn without repeating while there are enough, else all of them. */
export function sample<Key>(keys: readonly Key[], count: number, seed: number): Key[] {
  const next = random(seed)
  const left = [...keys]
  for (let at = 0; at < Math.min(count, left.length); at++) {
    const other = at + Math.floor(next() * (left.length - at))
    ;[left[at], left[other]] = [left[other] as Key, left[at] as Key]
  }
  return left.slice(0, count)
}

/** A few at a time where the protocol allows it: one after the other would take most of the time before the load begins. */
const atOnce = { sql: 1, http: 16 } as const

/** Without the address, which stands before it. */
const reasonOf = (error: unknown) => (error instanceof NoAnswer ? error.reason : messageOf(error))

/** The key that was not answered stands before what was said instead. */
export const atKey = (key: AnyKey, error: unknown): Error =>
  new Error(`key ${JSON.stringify(key).slice(0, 200)}: ${reasonOf(error)}`, { cause: error })

/** Why a side gives no answer, and the next step. */
export function refusedBy({ side, address }: AskedSide, error: unknown): CouldNotMeasure {
  if (error instanceof CouldNotMeasure) return error
  return new CouldNotMeasure(
    `${side.name} at ${address} does not answer as it should: ${reasonOf(error)}`,
    nextStepFor(error, `Check ${side.address} and the log of ${side.name}`),
  )
}

/**
 * One answer a key, in their order.
 * @param keys lists of keys where the side is asked for several at once
 * @throws {CouldNotMeasure} naming the side, and the key that was not answered
 */
export async function answersOf(
  { side, address }: AskedSide,
  keys: AnyKey[],
  asked: Asked,
): Promise<Answer[]> {
  const together = atOnce[side.protocol]
  try {
    return await withAsker(
      side,
      address,
      asked,
      async (asker) => {
        const answers: Answer[] = []
        for (let start = 0; start < keys.length; start += together) {
          const some = keys.slice(start, start + together)
          const replies = await Promise.all(
            some.map((key) =>
              asker.ask(key).catch((error) => {
                asked.signal?.throwIfAborted()
                // Who it was, and what to do, is said already.
                if (error instanceof CouldNotMeasure) throw error
                throw atKey(key, error)
              }),
            ),
          )
          for (const reply of replies) answers.push(...reply.answers)
        }
        return answers
      },
      together,
    )
  } catch (error) {
    asked.signal?.throwIfAborted()
    throw refusedBy({ side, address }, error)
  }
}

const words = (answer: Answer) => JSON.stringify(answer).slice(0, 60)

const limitInWords = (compare: Exclude<Compare, false>) =>
  typeof compare === 'function'
    ? 'are not the same by its function'
    : compare === 'equal'
      ? 'are not equal'
      : `differ by more than ${compare.tolerance} (relative)`

/** A line for each key to which two sides do not answer the same. */
export const differences = (
  keys: readonly AnyKey[],
  [name, answers]: readonly [string, readonly Answer[]],
  [lastName, last]: readonly [string, readonly Answer[]],
  compare: Exclude<Compare, false>,
): string[] =>
  keys.flatMap((key, at) => {
    const [a, b] = [answers[at] as Answer, last[at] as Answer]
    return isSame(a, b, compare)
      ? []
      : [`  key ${JSON.stringify(key).slice(0, 100)}: ${name} ${words(a)}, ${lastName} ${words(b)}`]
  })

/** Where their 32-bit floats are the same bits, so is this. */
const digest = (answers: Answer[]) =>
  answers.every((answer) => typeof answer === 'number')
    ? sha256(new Uint8Array(Float32Array.from(answers as number[]).buffer))
    : sha256(JSON.stringify(answers))

/**
 * @param sides at least one, the last one last
 * @throws {CouldNotMeasure} when a side does not answer, or showing the first keys on which they differ
 */
export async function checkParity(
  sides: AskedSide[],
  keys: AnyKey[],
  compare: Exclude<Compare, false>,
  asked: Asked,
): Promise<Parity> {
  const all: Answer[][] = []
  for (const side of sides) all.push(await answersOf(side, keys, asked))
  const last = all.at(-1) as Answer[]
  const lastName = sides.at(-1)?.side.name ?? ''
  for (const [index, answers] of all.slice(0, -1).entries()) {
    const { name } = (sides[index] as AskedSide).side
    const different = differences(keys, [name, answers], [lastName, last], compare)
    if (different.length === 0) continue
    throw new CouldNotMeasure(
      `${name} and ${lastName} do not answer the same: to ${different.length} of ${keys.length} keys their answers ${limitInWords(compare)}\n${different.slice(0, 5).join('\n')}`,
      'A comparison of different models would mean nothing: both must have the same model and the same features. Where answers may differ, the workload says so by `compare`',
    )
  }
  return {
    keys: keys.length,
    identical: keys.filter((_, at) =>
      all.every((answers) => isIdentical(answers[at] as Answer, last[at] as Answer)),
    ).length,
    largestRelativeDifference: Math.max(
      0,
      ...all
        .slice(0, -1)
        .flatMap((answers) => answers.map((answer, at) => difference(answer, last[at] as Answer)))
        .filter(Number.isFinite),
    ),
    predictions: digest(all[0] as Answer[]),
  }
}
