package main

import (
	"io"
	"net/http"
	"strings"
)

// What the service would answer, in the form in which it was asked.
var (
	inJSON        = []byte("[1.0]")
	inMessagePack = []byte{0x91, 0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0}
)

func answerHTTP(to http.ResponseWriter, question *http.Request) {
	// Read to its end, or the connection could not be kept.
	_, _ = io.Copy(io.Discard, question.Body)

	form, answer := "application/json", inJSON
	if strings.HasSuffix(question.Header.Get("Content-Type"), "msgpack") {
		form, answer = "application/msgpack", inMessagePack
	}

	to.Header().Set("Content-Type", form)
	_, _ = to.Write(answer)
}
