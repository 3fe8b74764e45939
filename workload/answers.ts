/** Answers: which values are of the declared kind, and which two are the same. */
import type { Answer, AnswerKind, Compare } from './workload.ts'

const isNumber = (value: unknown): value is number => typeof value === 'number' && value - value === 0

/** Whether a value is an answer of each kind. Numbers are finite. */
export const isAnswer: Record<AnswerKind, (value: unknown) => boolean> = {
  number: isNumber,
  // What a driver gives may be a list of its own, not an Array.
  numbers: (value) =>
    typeof value === 'object' &&
    value !== null &&
    Array.from(value as ArrayLike<unknown>).every(isNumber) &&
    (value as ArrayLike<unknown>).length > 0,
  text: (value) => typeof value === 'string',
  truth: (value) => typeof value === 'boolean',
}

/** For messages: what was expected of a value that is no answer. */
export const answerInWords: Record<AnswerKind, string> = {
  number: 'a finite number',
  numbers: 'a list of finite numbers',
  text: 'a text',
  truth: 'true or false',
}

/** Whether a value is what a side may say: an answer of the kind or, to `size` keys at once, a list of as many. */
export const fitting = (kind: AnswerKind, size?: number): ((value: unknown) => boolean) =>
  size === undefined
    ? isAnswer[kind]
    : (value) =>
        typeof value === 'object' &&
        value !== null &&
        (value as ArrayLike<unknown>).length === size &&
        Array.from(value as ArrayLike<unknown>).every(isAnswer[kind])

/** For messages, what {@link fitting} looks for. */
export const fittingInWords = (kind: AnswerKind, size?: number): string =>
  size === undefined ? answerInWords[kind] : `a list of ${size}, each ${answerInWords[kind]}`

/** Answers, one a key, to what was asked for `size` keys at once, or for one. */
export const listed = (said: Answer | readonly Answer[], size?: number): readonly Answer[] =>
  size === undefined ? [said as Answer] : Array.from(said as readonly Answer[])

/** Relative to the larger of the two; 0 when both are the same. */
export function relativeDifference(a: number, b: number): number {
  return a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b))
}

const numbersOf = (answer: Answer): readonly number[] | undefined =>
  typeof answer === 'number' ? [answer] : typeof answer === 'object' ? Array.from(answer) : undefined

/** The largest relative difference of their numbers; Infinity where they have not as many, 0 for other answers that are equal. */
export function difference(a: Answer, b: Answer): number {
  const [left, right] = [numbersOf(a), numbersOf(b)]
  if (!left || !right) return a === b ? 0 : Number.POSITIVE_INFINITY
  if (left.length !== right.length) return Number.POSITIVE_INFINITY
  return left.reduce(
    (most, each, index) => Math.max(most, relativeDifference(each, right[index] as number)),
    0,
  )
}

/**
 * Whether two answers to the same key are the same.
 * @param compare not false: then nobody may ask
 */
export function isSame(a: Answer, b: Answer, compare: Exclude<Compare, false>): boolean {
  if (typeof compare === 'function') return compare(a as never, b as never) === true
  const limit = compare === 'equal' ? 0 : compare.tolerance
  return difference(a, b) <= limit
}

/** Whether they agree to the last bit of what a 32-bit float holds: a database's `real` arrives as a double, a service's as decimals. */
export function isIdentical(a: Answer, b: Answer): boolean {
  const [left, right] = [numbersOf(a), numbersOf(b)]
  if (!left || !right) return a === b
  return (
    left.length === right.length &&
    left.every((each, at) => Object.is(Math.fround(each), Math.fround(right[at] as number)))
  )
}
