/** Waits for somebody else's answer, but not for ever. */
import { CouldNotMeasure } from './failure.ts'
import { patience } from './patience.ts'

/**
 * @param who has to answer, and where, as people know it: "database at 127.0.0.1:5432"
 * @param ask is told by its signal that nobody waits any longer
 * @throws {CouldNotMeasure} naming who did not answer
 */
export async function answered<T>(
  who: string,
  ask: (signal: AbortSignal) => Promise<T>,
  { seconds = patience, signal }: { seconds?: number; signal?: AbortSignal | undefined } = {},
): Promise<T> {
  signal?.throwIfAborted()
  const controller = new AbortController()
  let stopWaiting = () => {}
  const inVain = new Promise<never>((_, reject) => {
    const give = (reason: unknown) => {
      controller.abort(reason)
      reject(reason)
    }
    const timer = setTimeout(
      () =>
        give(
          new CouldNotMeasure(`${who} did not answer within ${seconds} s`, 'Check its address and its log'),
        ),
      seconds * 1000,
    )
    const end = () => give(signal?.reason)
    signal?.addEventListener('abort', end, { once: true })
    stopWaiting = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
    }
  })
  const asked = ask(controller.signal)
  asked.catch(() => {}) // what comes after nobody waits any longer is no news
  try {
    return await Promise.race([asked, inVain])
  } finally {
    stopWaiting()
  }
}
