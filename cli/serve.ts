/** `inference-gap serve`: both targets on loopback until Ctrl-C, for scenarios by hand. */
import { Stack } from '../targets/stack.ts'
import { show } from './progress.ts'
import { setupSteps } from './setup.ts'

export interface ServeOptions {
  postgresPort?: number
  pythonPort?: number
}

export async function serve(
  { postgresPort, pythonPort }: ServeOptions,
  signal: AbortSignal,
): Promise<number> {
  const stack = new Stack({ signal, postgresPort, pythonPort })
  try {
    await show([...setupSteps(signal), ...stack.steps])
    process.stdout.write(
      `\nBoth targets answer until Ctrl-C. In another terminal:\n
  export POSTGRES_URL='${stack.postgres?.url}'
  export PYTHON_URL='${stack.service?.url}'
  ./bin/k6 run --address '' dist/postgres-predict.js\n\n`,
    )
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    throw signal.reason
  } finally {
    await stack.stop()
  }
}
