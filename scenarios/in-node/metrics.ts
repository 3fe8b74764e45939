import { world } from './world.ts'

class Metric {
  constructor(readonly name: string) {}

  add(value: number, tags: Record<string, string> = {}) {
    world.metrics.push({ name: this.name, value, tags })
  }
}

export { Metric as Counter, Metric as Gauge, Metric as Rate, Metric as Trend }
