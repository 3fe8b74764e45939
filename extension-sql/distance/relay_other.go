//go:build !linux

package main

import (
	"net"
	"time"
)

// relay reads what comes and lets it go by Go's own timers.
func relay(from, to *net.TCPConn, way *way) {
	held := make(chan chunk, mostHeld/mostAtOnce)

	go func() {
		defer close(held)

		var last time.Time

		for {
			room := make([]byte, mostAtOnce)

			count, err := from.Read(room)
			if count > 0 {
				last = way.due(time.Now(), last)
				held <- chunk{bytes: room[:count], due: last}
			}

			if err != nil {
				return
			}
		}
	}()

	for one := range held {
		time.Sleep(way.left(one.due))

		if _, err := to.Write(one.bytes); err != nil {
			_ = from.CloseRead()

			continue
		}

		way.passed(one.due)
	}

	_ = to.CloseWrite()
}
