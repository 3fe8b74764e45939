package request

import (
	"encoding/json"
	"net/url"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// What Node checks before a load and what k6 asks for under it are the same, so both read one table (workload/http.test.ts).
func TestAPathStandsBehindTheAddressAsInNode(t *testing.T) {
	t.Parallel()

	text, err := os.ReadFile("../../workload/paths.cases.json")
	require.NoError(t, err)

	var cases []struct{ Address, Path, Asked string }
	require.NoError(t, json.Unmarshal(text, &cases))
	require.NotEmpty(t, cases)

	for _, one := range cases {
		base, err := url.Parse(one.Address)
		require.NoError(t, err)

		asked, err := targetOf(base, one.Path)
		require.NoError(t, err)
		require.Equal(t, one.Asked, asked, "%s behind %s", one.Path, one.Address)
	}
}
