// Command null-server gives the same answer to every question, by HTTP and by Postgres' protocol, over connections that stay:
// what a client needs for a question to a target that takes no time. A listener may be configured to be slow in a known way (pace.go):
// then its capacity at an objective is known, too.
//
// Usage: null-server [-http address] [-postgres address], or null-server -answers. The first answers a constant, and prints a
// JSON line with both addresses once it listens. The second reads from standard input what each of any number of listeners answers
// (configuration.go), and prints a JSON line with their addresses in the same order. It ends with SIGINT or SIGTERM.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "null-server:", err)
		os.Exit(1)
	}
}

const anyPort = "127.0.0.1:0"

func run() error {
	httpAddress := flag.String("http", anyPort, "where to answer HTTP")
	postgresAddress := flag.String("postgres", anyPort, "where to answer Postgres' protocol")
	isConfigured := flag.Bool("answers", false, "read from standard input what each listener answers, as JSON")

	flag.Parse()

	if *isConfigured {
		configured, err := readConfiguration(os.Stdin)
		if err != nil {
			return err
		}

		addresses := make([]string, len(configured))
		listeners := make([]net.Listener, len(configured))

		for i := range configured {
			if listeners[i], err = net.Listen("tcp", anyPort); err != nil {
				return err
			}

			addresses[i] = listeners[i].Addr().String()
		}

		return serve(configured, listeners, addresses)
	}

	overHTTP, err := net.Listen("tcp", *httpAddress)
	if err != nil {
		return fmt.Errorf("-http '%s': %w; expected a free address as 127.0.0.1:8000", *httpAddress, err)
	}

	overPostgres, err := net.Listen("tcp", *postgresAddress)
	if err != nil {
		return fmt.Errorf("-postgres '%s': %w; expected a free address as 127.0.0.1:5432", *postgresAddress, err)
	}

	return serve(constants(), []net.Listener{overHTTP, overPostgres}, map[string]string{
		"http": overHTTP.Addr().String(), "postgres": overPostgres.Addr().String(),
	})
}

// serve tells where the listeners are, and answers until a signal comes.
func serve(configured []listenerConfiguration, listeners []net.Listener, said any) error {
	if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
		return err
	}

	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGINT, syscall.SIGTERM)

	failed := make(chan error, len(configured))

	for i, one := range configured {
		go func() { failed <- serveOn(listeners[i], one) }()
	}

	select {
	case <-ended:
		return nil
	case err := <-failed:
		return errors.Join(errors.New("stopped listening"), err)
	}
}

// serveOn answers by the protocol that the configuration names, at the pace that begins now.
func serveOn(listener net.Listener, configured listenerConfiguration) error {
	keeps := newPace(configured.paceConfiguration)
	if configured.Protocol == "http" {
		return serveHTTP(listener, configured, keeps)
	}

	return servePostgres(listener, configured, keeps)
}

// eachConnection has a goroutine of its own, by either protocol: it reads, and then writes.
func eachConnection(listener net.Listener, serve func(net.Conn) error) error {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}

		go func() {
			defer connection.Close()

			_ = serve(connection) // a connection that breaks is the client's business
		}()
	}
}
