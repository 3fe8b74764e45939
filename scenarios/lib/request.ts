/** One measured request. */
import type { Series } from 'k6/x/recorder'
import { type Ask, WrongAnswer } from './ask.ts'
import { count } from './count.ts'
import { failed, say } from './failure.ts'

/** Answers of another kind than the workload declares. */
export const wrongAnswers = count('wrong_answers')

/**
 * Asks for one key and counts it.
 * @param position of the key
 * @param startedAt what its latency counts from, in milliseconds of the clock
 * @returns milliseconds of the clock from which the next request can count; 0 after a wrong answer, or none
 */
export type AskOnce = (position: number, startedAt: number) => number

/**
 * A wrong answer is a failure, not a sample. Failures are counted by kind; a virtual user says the first of each in the log.
 * @param isSilent called when the side does not answer at all
 *
 * What it needs of both objects is looked up here: each look is a twentieth of what a query costs the client.
 */
export function askerOf(ask: Ask, series: Series, isSilent: () => void = () => {}): AskOnce {
  const { label } = ask
  const { lap } = series
  let timeOuts = 0
  return (position, startedAt) => {
    try {
      ask(position)
    } catch (error) {
      if (error instanceof WrongAnswer) wrongAnswers.add()
      const what = failed(error)
      lap(startedAt, false, undefined, what.kind, what.message)
      say('a request failed', what)
      // One lost answer is a failure as others are; who lets two wait for so long in one connection's life answers nobody.
      if (what.kind === 'time-out' && ++timeOuts === 2) isSilent()
      return 0
    }
    return label ? lap(startedAt, true, label()) : lap(startedAt, true)
  }
}
