/** The embedded service, as published and at its best: Gunicorn on a free loopback port. */
import { copyFile, mkdir, rename } from 'node:fs/promises'
import path from 'node:path'
import { inCache, python, root } from '../../build/paths.ts'
import type { Prepared } from '../../datasets/prepared.ts'
import { httpAddress } from '../address/http.ts'
import { ask } from '../http.ts'
import { freePort } from '../port.ts'
import { boundToParent, type Server, startServer } from '../server.ts'
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

export async function startPythonService(options: {
  build?: Build
  home?: string
  port?: number | undefined
  prepared: Prepared
  redisUrl: string
  env?: Record<string, string>
  signal?: AbortSignal | undefined
}): Promise<PythonService> {
  const port = options.port ?? (await freePort())
  const url = `http://127.0.0.1:${port}/`
  const { name, application, env } = options.build ?? builds.published
  const home = options.home ?? inCache('python-target')
  await mkdir(home, { recursive: true })
  const live = path.join(home, 'live.ubj')
  await put(modelFileOf(options.prepared.dataset), live)
  const server = await startServer({
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
    log: path.join(home, 'service.log'),
    stopSignal: 'SIGTERM',
    signal: options.signal,
    ready: () =>
      ask(httpAddress(url), { path: 'healthz', signal: options.signal }).then(
        ({ status }) => status === 200,
        () => false,
      ),
  })
  return { ...server, url, deploy: (model) => put(model, live) }
}
