/** One measured request. */
import { Counter } from 'k6/metrics'
import type { Series } from 'k6/x/recorder'
import type { Ask } from './ask.ts'

const wrongAnswers = new Counter('wrong_answers')
let shown = 0

function complain(what: string): void {
  if (shown++ < 3) console.error(what)
}

/** A wrong answer is a failure, not a sample; the first few of each virtual user are said in the log. */
export function askOnce(ask: Ask, series: Series, position: number, startedAt: number): void {
  let right = false
  try {
    const prediction = ask(position)
    right = Number.isFinite(prediction) // false for anything that is no number, too
    if (!right) {
      wrongAnswers.add(1)
      complain(`the answer is not a finite number but ${String(prediction)}`)
    }
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error))
  }
  series.record(startedAt, right, ask.label())
}
