/** The embedded service, as published and at its best: Gunicorn on a free loopback port. */
import { copyFile, mkdir, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { inCache, python, root } from '../../build/paths.ts'
import type { Prepared } from '../../datasets/prepared.ts'
import { httpAddress } from '../address/http.ts'
import { ask } from '../http.ts'
import { boundToParent, type Server, startOnPort } from '../server.ts'
import { modelFileOf } from './training.ts'

const folder = path.join(root, 'targets', 'python')

export interface PythonService extends Server {
  url: string
  /** Has another model take over while it serves; what was trained stays as it is, and the next start serves that. */
  deploy(model: string): Promise<void>
}

/** As the service wants it: beside, and renamed. */
async function put(model: string, file: string): Promise<void> {
  await copyFile(model, `${file}.new`)
  await rename(`${file}.new`, file)
}

/** How the service is built. */
export interface Build {
  /** As people know it. */
  name: string
  /** What Gunicorn loads. */
  application: string
  env: Record<string, string>
}

export const builds = {
  published: { name: 'the Python service', application: 'service.wsgi:app', env: {} },
  fast: {
    name: 'the fast Python service',
    application: 'fast.asgi:app',
    env: { WORKER_CLASS: 'uvicorn' },
  },
} satisfies Record<string, Build>

/** In its log, by `when_ready` of gunicorn_conf.py. */
const listens = 'serving on '

export async function startPythonService(options: {
  build?: Build
  home?: string
  port?: number | undefined
  prepared: Prepared
  redisUrl: string
  env?: Record<string, string>
  signal?: AbortSignal | undefined
}): Promise<PythonService> {
  const url = (port: number) => `http://127.0.0.1:${port}/`
  const { name, application, env } = options.build ?? builds.published
  const home = options.home ?? inCache('python-target')
  await mkdir(home, { recursive: true })
  const live = path.join(home, 'live.ubj')
  await put(modelFileOf(options.prepared.dataset), live)
  const log = path.join(home, 'service.log')
  const server = await startOnPort(options.port, (port) => ({
    name,
    command: boundToParent(
      [
        python,
        '-m',
        'gunicorn',
        '--chdir',
        folder,
        '--config',
        path.join(folder, 'gunicorn_conf.py'),
        application,
      ],
      'SIGTERM',
    ),
    env: {
      BIND: `127.0.0.1:${port}`,
      MODEL_FILE: live,
      DATASET_FILE: options.prepared.description,
      REDIS_URL: options.redisUrl,
      PYTHONDONTWRITEBYTECODE: '1',
      ...env,
      ...options.env,
    },
    log,
    stopSignal: 'SIGTERM',
    signal: options.signal,
    ready: async () => {
      // Whoever took the port in its place may be such a service, too: only its own word tells that it has the port.
      if (!(await readFile(log, 'utf8')).includes(listens)) return false
      const { status } = await ask(httpAddress(url(port)), { path: 'healthz', signal: options.signal })
      return status === 200
    },
  }))
  return { ...server, url: url(server.port), deploy: (model) => put(model, live) }
}
