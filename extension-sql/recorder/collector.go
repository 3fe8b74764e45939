package recorder

import (
	"sync"
	"time"

	"go.k6.io/k6/js/common"
)

// collectInterval is how often k6 gets the samples: as often as it passes them on itself.
const collectInterval = 50 * time.Millisecond

// testEnd is k6's event.TestEnd, whose package is internal to k6. TestSQLThresholds sees samples missing where it is another.
const testEnd = 3

// collector gives k6 what the virtual users recorded since it last did, and the rest before the test ends. There is one
// a process.
//
// Samples that are handed over one by one wake k6's goroutine for them with each request, on another processor.
type collector struct {
	mu       sync.Mutex
	samplers []*sampler
	runs     bool
}

// join adds a virtual user's sampler. Returns false where k6 does not say when a test ends, so that nothing may be kept
// from it.
func (c *collector) join(s *sampler, events common.Events) bool {
	if events.Global == nil {
		return false
	}

	c.mu.Lock()
	defer c.mu.Unlock()

	c.samplers = append(c.samplers, s)

	if !c.runs {
		c.runs = true
		id, ended := events.Global.Subscribe(testEnd)

		go func() {
			ticker := time.NewTicker(collectInterval)
			defer ticker.Stop()

			for {
				select {
				case <-ticker.C:
					c.collect()
				case event := <-ended:
					// k6 waits for Done before it closes the channel of samples.
					c.collect()
					event.Done()
					events.Global.Unsubscribe(id)

					return
				}
			}
		}()
	}

	return true
}

func (c *collector) collect() {
	c.mu.Lock()
	samplers := c.samplers
	c.mu.Unlock()

	for _, each := range samplers {
		if taken := each.take(); taken != nil {
			taken.to <- taken
		}
	}
}
