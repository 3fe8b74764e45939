/** Shows steps as they are done: what, how far, how long it took. Lines that stay where output is no terminal. */
import { Listr, type ListrTask } from 'listr2'

export interface ShownStep {
  title: string
  /** @returns what there is to say about the step when it is done */
  work: (progress: (what: string) => void) => Promise<string | undefined>
}

const duration = (ms: number) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`)

let isQuiet = false

/** From now on steps are done without a word; failures are still told. */
export function beQuiet(): void {
  isQuiet = true
}

/** Runs the steps one after the other; the first that fails ends it. */
export async function show(steps: ShownStep[]): Promise<void> {
  const tasks = steps.map(
    ({ title, work }): ListrTask => ({
      title,
      task: async (_, task) => {
        const started = performance.now()
        let said = Number.NEGATIVE_INFINITY
        const tell = (what: string) => {
          // A line every few seconds is enough where each one stays.
          if (process.stdout.isTTY || performance.now() - said > 5000) {
            said = performance.now()
            task.output = what
          }
        }
        const result = await work(tell)
        const notes = [result, duration(performance.now() - started)].filter((note) => note !== undefined)
        task.title = `${title} (${notes.join(', ')})`
      },
    }),
  )
  const common = { concurrent: false, registerSignalListeners: false } as const
  const list = isQuiet
    ? new Listr(tasks, { ...common, renderer: 'silent' })
    : new Listr(tasks, {
        ...common,
        rendererOptions: { collapseErrors: true, showErrorMessage: false },
        fallbackRendererOptions: { logTitleChange: false },
      })
  await list.run()
}

/** One step alone, and what it made. */
show.one = async <T>(title: string, work: (progress: (what: string) => void) => Promise<T>): Promise<T> => {
  let made: { value: T } | undefined
  await show([
    {
      title,
      work: async (progress) => {
        made = { value: await work(progress) }
        return undefined
      },
    },
  ])
  if (!made) throw new Error('the step must have run')
  return made.value
}

/**
 * Tells every second how much of the expected time is left while `work` runs.
 * @param detail what there is to say beside that, if anything
 */
export async function countdown<T>(
  seconds: number,
  progress: (what: string) => void,
  work: () => Promise<T>,
  detail: () => string | undefined = () => undefined,
): Promise<T> {
  const started = performance.now()
  const timer = setInterval(() => {
    const left = Math.max(0, seconds - (performance.now() - started) / 1000)
    const said = detail()
    progress(`${said ? `${said}; ` : ''}${left > 0 ? `about ${Math.ceil(left)} s left` : 'almost done'}`)
  }, 1000)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
