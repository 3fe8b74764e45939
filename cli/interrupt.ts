/**
 * Ctrl-C, SIGTERM and SIGHUP end a command within two seconds, wherever it is. They become an AbortSignal, so that whatever
 * was started is ended in order; what has not ended in time is ended hard, and so is whoever waits for an answer that does
 * not come. A second signal does not wait for that.
 */
import { setMaxListeners } from 'node:events'
import { constants } from 'node:os'
import { endAllHard } from '../build/processes.ts'
import { onEndingSignal } from '../build/signals.ts'

export class Interrupted extends Error {
  override name = 'Interrupted'

  constructor(readonly signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`)
  }

  /** As a shell gives it. */
  get exitCode(): number {
    return 128 + constants.signals[this.signal]
  }
}

export const allHasEnded = 'Everything that was started has ended.\n'

/** Milliseconds for an end in order. */
const inOrder = 1300
/** A terminal, npm and a CI runner may each deliver the same Ctrl-C; only one that comes later is a second one. */
const same = 500

async function endNow({ exitCode }: Interrupted): Promise<void> {
  await endAllHard()
  // The cursor that a progress bar has hidden.
  if (process.stderr.isTTY) process.stderr.write('\u001B[?25h')
  process.stderr.write(allHasEnded)
  process.exit(exitCode)
}

export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const { signal } = controller
  setMaxListeners(0, signal) // each server that runs is one
  let interruptedAt = 0
  let deadline: NodeJS.Timeout | undefined
  const listen = (name: NodeJS.Signals) => {
    if (signal.aborted) {
      if (performance.now() - interruptedAt > same) void endNow(signal.reason)
      return
    }
    interruptedAt = performance.now()
    const reason = new Interrupted(name)
    deadline = setTimeout(() => void endNow(reason), inOrder)
    process.stderr.write('\nEnding what was started …\n')
    controller.abort(reason)
  }
  const stop = onEndingSignal(listen)
  try {
    return await work(signal)
  } catch (error) {
    // Whatever broke because of the interruption is no news.
    throw signal.aborted ? signal.reason : error
  } finally {
    stop()
    // It stays for a connection that nobody has closed, which would keep the process.
    deadline?.unref()
  }
}
