package sqltext_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"inference-gap/extension-sql/sqltext"
)

func TestHighestParameter(t *testing.T) {
	for query, expected := range map[string]int{
		"": 0, "SELECT 1": 0, "$": 0, "$1, $2": 2, "$4 $1": 4, "SELECT $1, $12, $3": 12, "SELECT $1::real[], $65535": 65535,
		"SELECT '$7', $2": 2, `SELECT "$7", $2`: 2, "SELECT $1 -- $9\n, $2": 2, "SELECT $1 /* $9 /* $8 */ */": 1,
		"SELECT $$ $9 $$, $x$ $8 $x$, $2": 2, "SELECT a$7, $1": 1, `SELECT E'\'$9', $2`: 2, "SELECT '$9": 0,
	} {
		require.Equal(t, expected, sqltext.HighestParameter(query), query)
	}
}
