import { expect, test } from 'vitest'
import { secondsByLayer } from './layers.ts'

const traces = `File: k6
Type: cpu
-----------+-------------------------------------------------------
     180ms   internal/runtime/syscall/linux.Syscall6
             syscall.RawSyscall6
             syscall.write
             syscall.Write (inline)
             inference-gap/extension-sql/line.(*socket).Write
             github.com/grafana/sobek.(*vm).run
-----------+-------------------------------------------------------
      50ms   internal/runtime/syscall/linux.Syscall6
             syscall.RawSyscall6
             inference-gap/extension-sql/line.receiveNow
             inference-gap/extension-sql/line.(*socket).sendAndReceive
-----------+-------------------------------------------------------
      1.5s   runtime.mallocgc
             github.com/grafana/sobek.(*vm).run
             go.k6.io/k6/internal/js.(*VU).runFn
-----------+-------------------------------------------------------
      20ms   runtime.mallocgc
             database/sql.(*DB).queryDC
             github.com/grafana/xk6-sql/sql.(*Database).Query
             github.com/grafana/sobek.(*vm).run
-----------+-------------------------------------------------------
      10ms   somewhere.else
`

test('a sample belongs to the innermost layer of its stack', () => {
  const found = secondsByLayer(traces)
  expect(found.get('kernel: write')).toBeCloseTo(0.18)
  expect(found.get('kernel: read')).toBeCloseTo(0.05)
  expect(found.get('sobek: the script itself')).toBeCloseTo(1.5)
  expect(found.get('database/sql')).toBeCloseTo(0.02)
  expect(found.get('rest')).toBeCloseTo(0.01)
  expect([...found.values()].reduce((sum, each) => sum + each, 0)).toBeCloseTo(1.76)
})
