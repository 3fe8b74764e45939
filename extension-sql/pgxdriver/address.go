package pgxdriver

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// expected of a connection string that cannot be read. Nothing of it is repeated: a password with a reserved character
// can be read as any part.
const expected = "expected postgres://user:password@host:port/database?sslmode=require, with what is reserved in a user, " +
	"a password or a name as percent escapes (@ as %40, / as %2F, : as %3A, ? as %3F, # as %23, % as %25)"

var errAddress = errors.New("the connection string cannot be read; " + expected)

// readable is the connection string with each @ of a user or a password as a percent escape: of several the last one ends
// them, as targets/address has it, too. For pgx it is the first, and the rest of a password would be a host, which is shown.
// What could be read in two ways is an error.
func readable(dsn string) (string, error) {
	scheme, rest, isURL := strings.Cut(dsn, "://")
	if !isURL || scheme != "postgres" && scheme != "postgresql" {
		return dsn, nil
	}

	end := userEnd(rest)
	hosts, path, _ := strings.Cut(rest[end:], "/")
	name, _, _ := strings.Cut(path, "?")

	if strings.Contains(rest[end:], "#") || strings.Contains(name, "@") && !strings.Contains(hosts, "?") {
		return "", errAddress
	}

	if end == 0 {
		return dsn, nil
	}

	return scheme + "://" + strings.ReplaceAll(rest[:end-1], "@", "%40") + rest[end-1:], nil
}

// userEnd is where user and password end, behind their @; 0 where there are none. libpq and pgx take a question mark in them
// as it is.
func userEnd(rest string) int {
	slash, _, _ := strings.Cut(rest, "/")
	question, _, _ := strings.Cut(slash, "?")

	if at := strings.LastIndex(question, "@"); at >= 0 {
		return at + 1
	}

	return strings.LastIndex(slash, "@") + 1
}

// refusal says why a connection string was refused, as far as that shows nothing of it but a file's name.
func refusal(err error) error {
	var (
		parse *pgconn.ParseConfigError
		file  *fs.PathError
	)

	switch {
	case !errors.As(err, &parse):
		return errAddress
	case errors.As(err, &file):
		return errors.New("the connection string names a file that cannot be read: " + file.Error())
	}

	inner := parse.Unwrap()
	if inner == nil {
		return errAddress
	}

	for _, known := range []string{
		"sslmode is invalid",
		"unable to add CA to cert pool",
		`both "sslcert" and "sslkey" are required`,
		"unable to find sslpassword",
	} {
		if inner.Error() == known {
			return errors.New("the connection string does not fit: " + known)
		}
	}

	return errAddress
}
