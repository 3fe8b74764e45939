package main

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// What the service would answer, in the form in which it was asked.
var (
	inJSON        = []byte("[1.0]")
	inMessagePack = []byte{0x91, 0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0}
)

// httpAnswer is written but for what differs from one time to the next.
type httpAnswer struct {
	// head has no empty line at its end.
	head []byte
	body []byte
	// isDated: it has a Date, which is the present one.
	isDated bool
	// connection is what it says of that; closes: that it ends.
	connection string
	closes     bool
}

// httpAnswers are by the form of the question; where an answer is configured both are that one.
type httpAnswers struct{ json, packed httpAnswer }

func (a *httpAnswers) to(asked *httpQuestion) *httpAnswer {
	if asked.isPacked {
		return &a.packed
	}

	return &a.json
}

// refusal is what those get who come beyond a limit.
var refusal = refusalOf() //nolint:gochecknoglobals // never changed

func refusalOf() *httpAnswer {
	made := newHTTPAnswer(http.StatusTooManyRequests, http.Header{
		"Content-Type": {"text/plain; charset=utf-8"}, "Date": {""},
	}, []byte(tooMany+"\n"))

	return &made
}

func answersOf(configured listenerConfiguration) httpAnswers {
	if configured.Status == 0 {
		dated := func(form string) http.Header { return http.Header{"Content-Type": {form}, "Date": {""}} }

		return httpAnswers{
			json:   newHTTPAnswer(http.StatusOK, dated("application/json"), inJSON),
			packed: newHTTPAnswer(http.StatusOK, dated("application/msgpack"), inMessagePack),
		}
	}

	given := http.Header{}
	for name, values := range configured.Headers {
		given[http.CanonicalHeaderKey(name)] = values
	}

	one := newHTTPAnswer(configured.Status, given, configured.Body)

	return httpAnswers{json: one, packed: one}
}

func newHTTPAnswer(status int, headers http.Header, body []byte) httpAnswer {
	text := http.StatusText(status)
	if text == "" {
		text = "status code " + strconv.Itoa(status)
	}

	connection := headers.Get("Connection")
	made := httpAnswer{body: body, connection: connection, closes: strings.EqualFold(connection, "close")}
	_, made.isDated = headers["Date"]

	written := bytes.NewBufferString("HTTP/1.1 " + strconv.Itoa(status) + " " + text + "\r\n")
	// What is sent of them depends on how the question was asked.
	_ = headers.WriteSubset(written, map[string]bool{"Date": true, "Content-Length": true, "Connection": true})

	if status == http.StatusNoContent || status == http.StatusNotModified {
		made.body = nil
	} else {
		written.WriteString("Content-Length: " + strconv.Itoa(len(body)) + "\r\n")
	}

	made.head = written.Bytes()

	return made
}

// append puts the answer behind what is there.
func (a *httpAnswer) append(to []byte, asked *httpQuestion, ends bool) []byte {
	to = append(to, a.head...)

	if a.isDated {
		to = append(to, "Date: "...)
		to = time.Now().UTC().AppendFormat(to, http.TimeFormat)
		to = append(to, "\r\n"...)
	}

	connection := a.connection

	switch {
	case ends:
		connection = "close"
	case connection == "" && asked.isOld:
		connection = "keep-alive"
	}

	if connection != "" {
		to = append(append(append(to, "Connection: "...), connection...), "\r\n"...)
	}

	to = append(to, "\r\n"...)

	if asked.isHead {
		return to
	}

	return append(to, a.body...)
}
