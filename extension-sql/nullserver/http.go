package main

import (
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// What the service would answer, in the form in which it was asked.
var (
	inJSON        = []byte("[1.0]")
	inMessagePack = []byte{0x91, 0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0}
)

// handlerOf answers as the configuration says, whatever the method, the path and the body are; without a status, with a constant.
func handlerOf(configured listenerConfiguration) http.HandlerFunc {
	if configured.Status == 0 {
		return answerConstant
	}

	given := http.Header{}
	for name, values := range configured.Headers {
		given[http.CanonicalHeaderKey(name)] = values
	}

	// What net/http would add of its own; a date is the present one.
	if given.Get("Content-Type") == "" {
		given["Content-Type"] = nil
	}

	if _, isDated := given["Date"]; isDated {
		delete(given, "Date")
	} else {
		given["Date"] = nil
	}

	if len(configured.Body) > 0 {
		given.Set("Content-Length", strconv.Itoa(len(configured.Body)))
	}

	return func(to http.ResponseWriter, question *http.Request) {
		readWhole(question)
		maps.Copy(to.Header(), given)
		to.WriteHeader(configured.Status)
		_, _ = to.Write(configured.Body)
	}
}

// paced answers when the pace says so; who is refused is told to come again.
func paced(keeps *pace, answer http.HandlerFunc) http.HandlerFunc {
	if keeps == nil {
		return answer
	}

	return func(to http.ResponseWriter, question *http.Request) {
		leaves, isAdmitted := keeps.admit()
		if !isAdmitted {
			readWhole(question)
			http.Error(to, tooMany, http.StatusTooManyRequests)

			return
		}

		keeps.waitUntil(leaves)
		answer(to, question)
	}
}

// readWhole reads the question to its end, or the connection could not be kept.
func readWhole(question *http.Request) {
	_, _ = io.Copy(io.Discard, question.Body)
}

func answerConstant(to http.ResponseWriter, question *http.Request) {
	readWhole(question)

	form, answer := "application/json", inJSON
	if strings.HasSuffix(question.Header.Get("Content-Type"), "msgpack") {
		form, answer = "application/msgpack", inMessagePack
	}

	to.Header().Set("Content-Type", form)
	_, _ = to.Write(answer)
}
