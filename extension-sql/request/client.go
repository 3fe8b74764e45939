package request

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"time"

	"inference-gap/extension-sql/clock"
	"inference-gap/extension-sql/failure"
	"inference-gap/extension-sql/line"
)

// restBeforeLook is how long a connection may have rested until it is looked at before it is used again: the server may
// have closed it meanwhile. One that is used all the time costs no look.
const restBeforeLook = 20 * time.Millisecond

const (
	connectTimeout = 30 * time.Second
	// mostShown of a body stands in an error.
	mostShown = 200
)

// client sends one request after the other, all on one connection as long as the server keeps it.
type client struct {
	address string
	tls     *tls.Config // nil: none
	ca      string      // a file of certificates that are trusted besides the system's; empty: none
	method  string
	base    *url.URL
	// path that was asked for last, behind the base, and what the first line says of both.
	path   string
	target string
	// tail of each request's head, behind the first line.
	tail []byte
	// statuses that count as answers.
	statuses []int
	label    string // header of an answer; empty: none
	timeout  time.Duration
	// secrets of the address and the headers: a service may repeat them, and no message does.
	secrets []string
	// opened is called after each connection that was made; nil: nothing is.
	opened func()

	// hadOne: a connection was made and the script has not closed it, so that the next one takes its place.
	hadOne   bool
	replaced int

	conn   net.Conn // nil: none
	line   line.Line
	bound  bounded
	reader *bufio.Reader
	rested time.Duration // since then, by the clock

	watch line.Watch

	// Of the last request, used again for the next.
	request []byte
	body    bytes.Buffer
}

// answer is what came back; its body is valid until the next request.
type answer struct {
	status int
	label  string
	body   []byte
	// location that a redirection names.
	location string
}

// aim sees to it that the first line asks for a path.
func (c *client) aim(path string) (err error) {
	if path == c.path && c.target != "" {
		return nil
	}

	c.path = path
	c.target, err = targetOf(c.base, path)

	return err
}

// send sends a body and reads the whole answer. An error means that there is none; the service may have had the request
// all the same, and it is sent again only where not a byte of it had been sent.
func (c *client) send(ctx context.Context, one sent) (answer, error) {
	if err := c.aim(one.path); err != nil {
		return answer{}, err
	}

	for {
		if err := ctx.Err(); err != nil {
			return answer{}, err
		}

		isNew, err := c.connect(ctx)
		if err != nil {
			return answer{}, err
		}

		given, err := c.ask(ctx, one)

		var unsent *line.SendError
		if err == nil || isNew || !errors.As(err, &unsent) || unsent.Partly {
			return given, err
		}
	}
}

// connect sees to it that there is a connection, and that it was not closed while it rested.
func (c *client) connect(ctx context.Context) (isNew bool, err error) {
	if c.conn != nil && clock.Now()-c.rested > restBeforeLook {
		// TLS has words of its own at any time; HTTP has none but answers.
		if unread, ended := c.line.Unread(); ended || unread > 0 && c.tls == nil {
			c.close()
		}
	}

	if c.conn != nil {
		return false, nil
	}

	patience := min(connectTimeout, c.timeout)
	dialer := net.Dialer{Timeout: patience}

	made, err := line.Dial(dialer.DialContext)(ctx, "tcp", c.address)
	if err != nil {
		return false, err
	}

	way := line.Of(made)

	if c.tls != nil {
		secured := tls.Client(made, c.tls)

		limited, cancel := context.WithTimeout(ctx, patience)
		defer cancel()

		if err := secured.HandshakeContext(limited); err != nil {
			_ = made.Close()

			return false, err
		}

		made = secured
	}

	c.conn, c.line, c.bound.Reader = made, way, made
	c.reader = bufio.NewReader(&c.bound)
	c.watch.Interrupt = c.interrupt
	c.watch.Open()

	if c.hadOne {
		c.replaced++
	}

	c.hadOne = true

	if c.opened != nil {
		c.opened()
	}

	return true, nil
}

func (c *client) close() {
	if c.conn == nil {
		return
	}

	c.watch.Close()
	_ = c.conn.Close()
	c.conn, c.line, c.bound.Reader, c.reader = nil, nil, nil, nil
}

// interrupt ends the request under way. The connection it reads stays the same for as long as that takes.
func (c *client) interrupt() {
	_ = c.conn.SetDeadline(time.Unix(1, 0))
}

func (c *client) ask(ctx context.Context, one sent) (answer, error) {
	line.Enter(c.line)
	defer line.Leave()

	c.watch.Begin(ctx, c.timeout)

	given, keeps, err := c.exchange(one)

	if c.watch.End() {
		c.close()

		if ended := ctx.Err(); ended != nil {
			return answer{}, ended
		}

		return answer{}, failure.Named(failure.TimeOut, fmt.Errorf("no whole answer within %s", c.timeout))
	}

	if err != nil || !keeps {
		c.close()
	} else {
		c.rested = clock.Now()
	}

	return given, err
}

// ours is what http.ReadResponse has to know of the request.
var ours = &http.Request{Method: http.MethodPost} //nolint:gochecknoglobals // immutable

func (c *client) exchange(one sent) (given answer, keeps bool, err error) {
	c.request = append(append(c.request[:0], c.method...), ' ')
	c.request = append(append(c.request, c.target...), c.tail...)

	if one.hasBody || mayHaveBody(c.method) {
		c.request = append(c.request, "Content-Length: "...)
		c.request = strconv.AppendInt(c.request, int64(len(one.body)), 10)
		c.request = append(c.request, "\r\n"...)
	}

	c.request = append(c.request, "\r\n"...)
	c.request = append(c.request, one.body...)

	c.bound.left = mostAnswer
	c.line.Hold()

	if sent, err := c.conn.Write(c.request); err != nil {
		return answer{}, false, &line.SendError{Err: err, Partly: sent > 0}
	}

	for {
		response, err := http.ReadResponse(c.reader, ours)
		if err != nil {
			return answer{}, false, c.broken(err)
		}

		if response.StatusCode == http.StatusSwitchingProtocols {
			return answer{}, false, failure.Named("HTTP 101", errors.New("the service asks for another protocol (HTTP 101)"))
		}

		if response.StatusCode < http.StatusOK {
			continue // an interim answer; the real one follows
		}

		c.body.Reset()

		if _, err := c.body.ReadFrom(response.Body); err != nil {
			return answer{}, false, c.broken(err)
		}

		given := answer{status: response.StatusCode, body: c.body.Bytes()}
		if given.status >= http.StatusMultipleChoices && given.status < http.StatusBadRequest {
			given.location = response.Header.Get("Location")
		}

		if c.label != "" {
			given.label = response.Header.Get(c.label)
		}

		return given, !response.Close && c.reader.Buffered() == 0, nil
	}
}

// broken is an answer that was not to be had whole, or that is none.
func (c *client) broken(err error) error {
	if errors.Is(err, errTooLarge) {
		c.body = bytes.Buffer{} // nobody needs so much room again

		return errTooLarge
	}

	// A header's line that the end of the connection cut off is told as one that cannot be read.
	var header textproto.ProtocolError
	if errors.As(err, &header) {
		if _, ended := c.line.Unread(); ended {
			err = fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, err)
		}
	}

	if failure.KindOf(err) == failure.Other {
		return failure.Named(failure.MalformedHTTP, fmt.Errorf("what came is no HTTP answer: %w", err))
	}

	return fmt.Errorf("the connection broke before the answer was complete: %w", err)
}

// refused is an answer that is none to the question. A redirection is not followed: who is asked would be another.
func (a answer) refused() error {
	kind := fmt.Sprintf("HTTP %d", a.status)
	if a.location == "" {
		return failure.Named(kind, fmt.Errorf("%s: %s", kind, shown(a.body)))
	}

	return failure.Named(kind, fmt.Errorf("%s: redirected to %s, which is not followed", kind, withoutSecrets(a.location)))
}

func shown(body []byte) string {
	if len(body) > mostShown {
		return string(body[:mostShown]) + "…"
	}

	return string(body)
}
