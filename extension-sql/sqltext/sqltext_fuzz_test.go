package sqltext_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"inference-gap/extension-sql/sqltext"
)

// A text is read to its end, and a parameter that stands before whatever is in it is found.
func FuzzAnyTextIsReadToItsEnd(f *testing.F) {
	for _, seed := range []string{"SELECT $1", "'", `"`, "$$", "$x$ $1", "/* /* */", "--", "E'\\'", "$99999999999999999999", "a$1", "\xff$2"} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, text string) {
		for rest := text; rest != ""; {
			length := sqltext.Skip(rest)
			require.GreaterOrEqual(t, length, 0)
			require.LessOrEqual(t, length, len(rest))

			if length == 0 {
				_, length = sqltext.Placeholder(rest)
				require.LessOrEqual(t, length, len(rest))

				length = max(1, length)
			}

			rest = rest[length:]
		}

		require.GreaterOrEqual(t, sqltext.HighestParameter(text), 0)
		require.GreaterOrEqual(t, sqltext.HighestParameter(strings.Repeat("$7 ", 2)+text), 7)
	})
}
