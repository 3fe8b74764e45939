// Command null-server answers a constant to every question, by HTTP and by Postgres' protocol, over connections that stay:
// what a client needs for a question to a target that takes no time.
//
// Usage: null-server [-http address] [-postgres address]. It prints a JSON line with both addresses once it listens, and
// ends with SIGINT or SIGTERM.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
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

func run() error {
	httpAddress := flag.String("http", "127.0.0.1:0", "where to answer HTTP")
	postgresAddress := flag.String("postgres", "127.0.0.1:0", "where to answer Postgres' protocol")

	flag.Parse()

	overHTTP, err := net.Listen("tcp", *httpAddress)
	if err != nil {
		return fmt.Errorf("-http '%s': %w; expected a free address as 127.0.0.1:8000", *httpAddress, err)
	}

	overPostgres, err := net.Listen("tcp", *postgresAddress)
	if err != nil {
		return fmt.Errorf("-postgres '%s': %w; expected a free address as 127.0.0.1:5432", *postgresAddress, err)
	}

	if err := json.NewEncoder(os.Stdout).Encode(map[string]string{
		"http": overHTTP.Addr().String(), "postgres": overPostgres.Addr().String(),
	}); err != nil {
		return err
	}

	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGINT, syscall.SIGTERM)

	failed := make(chan error, 2)

	go func() { failed <- (&http.Server{Handler: http.HandlerFunc(answerHTTP)}).Serve(overHTTP) }() //nolint:gosec // loopback
	go func() { failed <- servePostgres(overPostgres) }()

	select {
	case <-ended:
		return nil
	case err := <-failed:
		return errors.Join(errors.New("stopped listening"), err)
	}
}
