package request

import (
	"fmt"
	"io"

	"inference-gap/extension-sql/failure"
)

// mostAnswer is how many bytes an answer may have, head and body: one without end would fill the memory until its time is over.
const mostAnswer = 16 << 20

var errTooLarge = failure.Named(failure.TooLarge, fmt.Errorf("it has more than %d MB", mostAnswer>>20)) //nolint:gochecknoglobals // immutable

// bounded is a connection from which one answer reads so much and no more.
type bounded struct {
	io.Reader
	left int
}

func (b *bounded) Read(into []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}

	n, err := b.Reader.Read(into)
	b.left -= n

	return n, err //nolint:wrapcheck // as the connection said it
}
