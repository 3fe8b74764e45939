package pgxdriver

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const canary = "c4nary"

func TestTheLastAtEndsAPassword(t *testing.T) {
	t.Parallel()

	for given, password := range map[string]string{
		"postgres://u:p@ss@h.example:1/db":     "p@ss",
		"postgres://u:@@@h.example:1/db":       "@@",
		"postgresql://u:p%40ss@h.example:1/db": "p@ss",
		"postgres://u:p:s@h.example:1/db?a=@":  "p:s",
		"postgres://u:p?#s@h.example:1/db":     "p?#s",
		"postgres://u:p@#s@h.example:1/db":     "p@#s",
	} {
		opened, err := pgDriver{}.OpenConnector(given)
		require.NoError(t, err, given)

		made, is := opened.(connector)
		require.True(t, is)
		require.Equal(t, password, made.config.Password, given)
		require.Equal(t, "h.example", made.config.Host, given)
		require.Equal(t, uint16(1), made.config.Port, given)
	}
}

func TestARefusedConnectionStringIsNotShown(t *testing.T) {
	t.Parallel()

	empty := filepath.Join(t.TempDir(), "empty.pem")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))

	for _, given := range []string{
		"postgres://u:1/" + canary + "@h/db",
		"postgres://u:1@x?" + canary + "@h/db",
		"postgres://u:p%zz" + canary + "@h/db",
		"postgres://u:p@h:" + canary + "/db",
		"postgres://u:p@[" + canary + "/db",
		"postgres://u:" + canary + "@h/db?sslmode=on",
		"postgres://u:p@h/db?password=" + canary + "&sslmode=on",
		"postgres://u:p@h/db?sslpassword=" + canary + "&sslmode=require&sslrootcert=/nowhere",
		"postgres://u:p@h/db?password=" + canary + "&sslmode=require&sslrootcert=" + empty,
		"postgres://u:p@h/db?password=" + canary + "&target_session_attrs=some",
		"host=h password='" + canary + " port=x",
		"host=h port=x password=" + canary,
		canary,
	} {
		_, err := pgDriver{}.OpenConnector(given)
		require.Error(t, err, given)

		for cause := err; cause != nil; cause = unwrapped(cause) {
			require.NotContains(t, cause.Error(), canary, given)
		}

		require.True(t, strings.HasPrefix(err.Error(), "the connection string "), err.Error())
	}
}

func unwrapped(err error) error {
	if wrapper, is := err.(interface{ Unwrap() error }); is { //nolint:errorlint // each by itself
		return wrapper.Unwrap()
	}

	return nil
}
