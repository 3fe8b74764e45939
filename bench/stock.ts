/** k6 with xk6-sql and lib/pq, as a user has it without us: built into .cache, never into bin. */
import path from 'node:path'
import { goProgram } from '../build/go.ts'
import { inCache, root } from '../build/paths.ts'

const module = path.join(root, 'bench', 'stock')
export const stockScript = path.join(module, 'predict.js')
export const stockBinary = inCache('bench', 'k6-stock')

export const stockK6 = goProgram({
  title: 'Build k6 with xk6-sql and lib/pq, for comparison',
  name: 'k6-stock',
  module,
  flags: ['-pgo=off'],
  binary: stockBinary,
})
