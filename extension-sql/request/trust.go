package request

import (
	"crypto/x509"
	"fmt"
	"os"
	"sync"
)

// pools by file: each virtual user has a client of its own.
var pools sync.Map //nolint:gochecknoglobals // shared by all virtual users is the point

// trusted are the system's certificates and those of a file.
func trusted(file string) (*x509.CertPool, error) {
	if known, is := pools.Load(file); is {
		return known.(*x509.CertPool), nil //nolint:forcetypeassert // nothing else is stored
	}

	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}

	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}

	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate; expected PEM (-----BEGIN CERTIFICATE-----)", file)
	}

	pools.Store(file, pool)

	return pool, nil
}
