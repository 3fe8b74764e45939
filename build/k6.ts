/** bin/k6: k6 with xk6-sql, our driver, clock and recorder, built from the pinned module in extension-sql/. */
import path from 'node:path'
import { goProgram } from './go.ts'
import { k6Binary, root } from './paths.ts'

export const k6 = goProgram({
  title: 'Build bin/k6',
  name: 'k6',
  module: path.join(root, 'extension-sql'),
  binary: k6Binary,
})
