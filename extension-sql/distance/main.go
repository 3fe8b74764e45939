// Command distance puts a round trip of a known length between whoever asks and whoever answers, as a network would: a proxy for any
// number of links. What it adds is adjusted, and shown, by a null operation through itself.
//
// Usage: distance. It reads from standard input where its links lead, as a JSON list of host:port, and prints a JSON line with the
// addresses where each is entered, and that of its control:
//
//	POST /set {"roundTripMs": 0.5, "jitterMs": 0.1}  adds so much from now on
//	POST /prove                                      measures what is added now
//
// Both answer {"addedMs": …}. It ends with SIGINT or SIGTERM.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "distance:", err)
		os.Exit(1)
	}
}

const anyPort = "127.0.0.1:0"

// processors is more than threads that wait in the kernel at a time: one that waits keeps one of Go's processors for a while, and others
// would wait for that.
const processors = 512

// said is what is printed once it listens.
type said struct {
	Control string   `json:"control"`
	Links   []string `json:"links"`
}

func run() error {
	runtime.GOMAXPROCS(processors)
	debug.SetGCPercent(1000) // there is little to collect, and to do so takes time from what passes

	var links []string
	if err := json.NewDecoder(os.Stdin).Decode(&links); err != nil || len(links) == 0 {
		return errors.Join(errors.New("standard input: expected a JSON list of host:port"), err)
	}

	way := &way{}
	entered := make([]string, len(links))

	for i, to := range links {
		if _, _, err := net.SplitHostPort(to); err != nil {
			return fmt.Errorf("standard input: [%d]: %w; expected host:port", i, err)
		}

		listener, err := net.Listen("tcp", anyPort)
		if err != nil {
			return err
		}

		go enter(listener, to, way)

		entered[i] = listener.Addr().String()
	}

	prover, err := newProver(way)
	if err != nil {
		return err
	}

	control, err := net.Listen("tcp", anyPort)
	if err != nil {
		return err
	}

	if err := json.NewEncoder(os.Stdout).Encode(said{Control: control.Addr().String(), Links: entered}); err != nil {
		return err
	}

	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGINT, syscall.SIGTERM)

	failed := make(chan error, 1)

	go func() { failed <- http.Serve(control, controlOf(prover)) }() //nolint:gosec // loopback

	select {
	case <-ended:
		return nil
	case err := <-failed:
		return errors.Join(errors.New("stopped listening"), err)
	}
}

// enter takes connections and leads each to the other end.
func enter(listener net.Listener, to string, way *way) {
	for {
		near, err := listener.Accept()
		if err != nil {
			return
		}

		go lead(near, to, way)
	}
}
