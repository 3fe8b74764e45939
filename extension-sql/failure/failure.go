// Package failure says of what kind a failure is, by what an error is and never by its text, and hands that to scripts.
//
// The kinds are what people look for when something fails: the SQLSTATE, the HTTP status, the system's own name of an
// error. build/causes.ts has the same names for what fails in Node, and what to do about each.
package failure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"syscall"

	"github.com/grafana/sobek"
	"golang.org/x/sys/unix"
)

// Kinds that are neither an SQLSTATE, nor an HTTP status, nor an errno.
const (
	TimeOut          = "time-out"
	Closed           = "connection closed" // by the other end, before the answer was complete
	Ended            = "test ended"
	NotJSON          = "not JSON"
	MalformedHTTP    = "malformed HTTP"
	TooLarge         = "answer too large"
	NoSuchHost       = "no such host"
	NameLookup       = "name look-up"
	UnknownAuthority = "TLS unknown authority"
	OtherHost        = "TLS certificate of another host"
	Expired          = "TLS certificate expired"
	BadCertificate   = "TLS certificate refused"
	NoTLS            = "TLS not spoken"
	TLSAlert         = "TLS alert"
	Other            = "other"
)

// sqlState is the form of every SQLSTATE. Only an error that says it has one is asked for it: a name of the system, as E2BIG,
// has the same form.
var sqlState = regexp.MustCompile(`^[0-9A-Z]{5}$`)

// named is an error whose kind is known to whoever made it.
type named struct {
	error

	kind string
}

func (n *named) Unwrap() error { return n.error }

// Named gives an error a kind.
func Named(kind string, err error) error {
	return &named{err, kind}
}

// KindOf is the kind of an error that is not nil. What says most comes first: a word of the server, then one of TLS, then one
// of the system.
func KindOf(err error) string {
	var (
		known     *named
		sql       interface{ SQLState() string }
		errno     syscall.Errno
		isErrno   = errors.As(err, &errno)
		isTimeOut interface{ Timeout() bool }
	)

	switch {
	case errors.As(err, &known):
		return known.kind
	case errors.Is(err, context.Canceled):
		return Ended // whatever else that led to
	case errors.Is(err, context.DeadlineExceeded):
		return TimeOut // likewise: the server may have said that it was asked to stop
	case errors.As(err, &sql) && sqlState.MatchString(sql.SQLState()):
		return "SQLSTATE " + sql.SQLState()
	case isErrno && (errno == syscall.EMFILE || errno == syscall.ENFILE):
		return unix.ErrnoName(errno) // wherever it came from, it is this
	}

	if kind := tlsKind(err); kind != "" {
		return kind
	}

	var lookup *net.DNSError

	switch {
	case errors.As(err, &lookup) && lookup.IsNotFound:
		return NoSuchHost
	case errors.As(err, &lookup):
		return NameLookup
	case isErrno && unix.ErrnoName(errno) != "":
		return unix.ErrnoName(errno)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &isTimeOut) && isTimeOut.Timeout():
		return TimeOut
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return Closed
	default:
		return Other
	}
}

// tlsKind is empty for what is not of TLS.
func tlsKind(err error) string {
	var (
		unknown  x509.UnknownAuthorityError
		host     x509.HostnameError
		invalid  x509.CertificateInvalidError
		refused  *tls.CertificateVerificationError
		notTLS   tls.RecordHeaderError
		operated *net.OpError
	)

	switch {
	case errors.As(err, &unknown):
		return UnknownAuthority
	case errors.As(err, &host):
		return OtherHost
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return Expired
	case errors.As(err, &invalid), errors.As(err, &refused):
		return BadCertificate
	case errors.As(err, &notTLS):
		return NoTLS
	case errors.As(err, &operated) && operated.Op == "remote error":
		return TLSAlert // so crypto/tls names what the other end complains of
	default:
		return ""
	}
}

// Throw raises an error in a script as the script engine does, with its `kind`.
func Throw(runtime *sobek.Runtime, err error) {
	thrown := runtime.NewGoError(err)
	_ = thrown.Set("kind", KindOf(err)) // fails only where an object is frozen

	panic(thrown)
}

// Without is a text in which each of the secrets is covered.
func Without(secrets []string, text string) string {
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}

	return text
}
