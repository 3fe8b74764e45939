package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"strings"
)

// serveHTTP answers as the configuration says, whatever the method, the path and the body are; without a status, with a constant.
//
// Not by net/http: it reads each connection on a second goroutine while a request is under way, and makes some forty objects of each
// request. That took several times as long as the answer by Postgres' protocol, and would have passed for the client's cost of HTTP.
// Here, as there, a connection has one goroutine, which takes from a request what matters and writes what was written before.
func serveHTTP(listener net.Listener, configured listenerConfiguration, keeps *pace) error {
	answers := answersOf(configured)

	return eachConnection(listener, func(connection net.Conn) error {
		session := httpSession{from: bufio.NewReader(connection), to: connection, answers: answers, pace: keeps}

		return session.serve()
	})
}

type httpSession struct {
	from    *bufio.Reader
	to      io.Writer
	answers httpAnswers
	pace    *pace
	// Of the last request, used again for the next.
	asked   httpQuestion
	written []byte
}

// httpQuestion is what of a request an answer depends on.
type httpQuestion struct {
	isHead bool
	// isOld: HTTP/1.0, where a connection stays only if both say so.
	isOld bool
	// Of Connection.
	closes, keeps bool
	// length of the body; of one in chunks it is not known before.
	length      int64
	isInChunks  bool
	isWaitedFor bool // by the client, before it sends the body
	isPacked    bool // the body is MessagePack
}

var errMalformed = errors.New("malformed request")

func (s *httpSession) serve() error {
	for {
		if err := s.read(); err != nil {
			if errors.Is(err, errMalformed) {
				_, _ = io.WriteString(s.to, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			}

			return err
		}

		one := s.answers.to(&s.asked)

		if s.pace != nil {
			if leaves, isAdmitted := s.pace.admit(); isAdmitted {
				s.pace.waitUntil(leaves)
			} else {
				one = refusal
			}
		}

		ends := s.asked.closes || one.closes || s.asked.isOld && !s.asked.keeps
		s.written = one.append(s.written[:0], &s.asked, ends)

		if _, err := s.to.Write(s.written); err != nil || ends {
			return err
		}
	}
}

// read reads a request to its end, or the connection could not be kept.
func (s *httpSession) read() error {
	s.asked = httpQuestion{}

	first, err := s.line()
	if err != nil {
		return err
	}

	// METHOD target HTTP/1.x
	method, _, hasTarget := bytes.Cut(first, []byte{' '})
	version := first[bytes.LastIndexByte(first, ' ')+1:]

	if !hasTarget || len(method) == 0 || !bytes.HasPrefix(version, []byte("HTTP/1.")) {
		return errMalformed
	}

	s.asked.isHead, s.asked.isOld = string(method) == "HEAD", string(version) == "HTTP/1.0"

	for {
		header, err := s.line()

		switch {
		case err != nil:
			return unexpected(err)
		case len(header) == 0:
			return s.skipBody()
		}

		if err := s.asked.take(header); err != nil {
			return err
		}
	}
}

// line is the next one without its end. Of one that is longer than the buffer it is the beginning, which tells what header it is.
func (s *httpSession) line() ([]byte, error) {
	read, err := s.from.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		read = bytes.Clone(read)

		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = s.from.ReadSlice('\n')
		}
	}

	if err != nil {
		return nil, err
	}

	return bytes.TrimRight(read, "\r\n"), nil
}

func (s *httpSession) skipBody() error {
	asked := &s.asked
	if asked.isWaitedFor {
		if _, err := io.WriteString(s.to, "HTTP/1.1 100 Continue\r\n\r\n"); err != nil {
			return err
		}
	}

	if !asked.isInChunks {
		_, err := io.CopyN(io.Discard, s.from, asked.length)

		return unexpected(err)
	}

	if _, err := io.Copy(io.Discard, httputil.NewChunkedReader(s.from)); err != nil {
		return unexpected(err)
	}

	// Behind the last chunk there may be headers, and there is an empty line.
	for {
		if trailer, err := s.line(); err != nil || len(trailer) == 0 {
			return unexpected(err)
		}
	}
}

// unexpected is an end where there was to be more.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}

	return err
}

// take looks at a header.
func (q *httpQuestion) take(header []byte) error {
	name, value, isHeader := bytes.Cut(header, []byte{':'})
	if !isHeader || len(name) == 0 {
		return errMalformed
	}

	// Told apart by length first: nearly all others are not looked at.
	switch len(name) {
	case len("Connection"):
		if isNamed(name, "Connection") {
			for each := range strings.SplitSeq(strings.ToLower(string(value)), ",") {
				token := strings.TrimSpace(each)
				q.closes = q.closes || token == "close"
				q.keeps = q.keeps || token == "keep-alive"
			}
		}
	case len("Content-Type"):
		if isNamed(name, "Content-Type") {
			q.isPacked = bytes.HasSuffix(bytes.TrimSpace(value), []byte("msgpack"))
		}
	case len("Content-Length"):
		if isNamed(name, "Content-Length") {
			return q.takeLength(value)
		}
	case len("Transfer-Encoding"):
		q.isInChunks = q.isInChunks || isNamed(name, "Transfer-Encoding")
	case len("Expect"):
		q.isWaitedFor = q.isWaitedFor || isNamed(name, "Expect")
	}

	return nil
}

func (q *httpQuestion) takeLength(value []byte) error {
	var err error

	q.length, err = strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 64)
	if err != nil || q.length < 0 {
		return errMalformed
	}

	return nil
}

func isNamed(name []byte, wanted string) bool {
	return strings.EqualFold(string(name), wanted)
}
