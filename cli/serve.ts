/** `inference-gap serve`: both targets on loopback until Ctrl-C, for scenarios by hand. */
import { withTargets } from './targets.ts'

export interface ServeOptions {
  postgresPort?: number
  pythonPort?: number
}

export async function serve(options: ServeOptions, signal: AbortSignal): Promise<number> {
  return withTargets(options, signal, async ({ addresses }) => {
    const { postgresUrl, pythonUrl } = addresses()
    process.stdout.write(
      `\nBoth targets answer until Ctrl-C. In another terminal:\n
  export POSTGRES_URL='${postgresUrl}'
  export PYTHON_URL='${pythonUrl}'
  ./bin/k6 run --address '' dist/postgres-predict.js\n\n`,
    )
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    throw signal.reason
  })
}
