/** What a long step tells while it works: how far it is, how fast, and how long it will yet take. */
import type { Progress } from '../build/step.ts'

/** Milliseconds between two things to tell, and before the first: earlier, no rate is to be known. */
const every = 250

const whole = (value: number) => Math.round(value).toLocaleString('en')

/** `1 h 05 min`, `2 min 10 s`, `8 s` */
export function duration(seconds: number): string {
  const left = Math.ceil(seconds)
  const two = (value: number) => String(value).padStart(2, '0')
  if (left >= 3600) return `${Math.floor(left / 3600)} h ${two(Math.floor((left % 3600) / 60))} min`
  return left >= 60 ? `${Math.floor(left / 60)} min ${two(left % 60)} s` : `${left} s`
}

/**
 * @param rows in all
 * @param now milliseconds, as a clock has them that is never set back
 * @returns what is told how much of it is done, from 0 to 1
 */
export function pace(
  tell: Progress,
  what: string,
  rows: number,
  now: () => number = () => performance.now(),
): (share: number) => void {
  const started = now()
  let told = started
  tell(what)
  return (share) => {
    const at = now()
    if (at - told < every || share <= 0) return
    told = at
    const seconds = (at - started) / 1000
    const left = (seconds * (1 - share)) / share
    tell(
      `${what}: ${whole(share * rows)} of ${whole(rows)} rows, ${whole((share * rows) / seconds)}/s, ${duration(left)} left`,
    )
  }
}
