package pgxdriver_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// seen makes a text of what a script sees, with all that JSON would lose.
const seen = `const seen = (value) =>
	Array.isArray(value) ? value.map(seen)
	: value === null ? null
	: typeof value === 'number' ? { number: Object.is(value, -0) ? '-0' : String(value) }
	: typeof value === 'boolean' ? value
	: { [typeof value]: String(value) }`

// likeSeen is the same of an expected value.
func likeSeen(t *testing.T, value any) any {
	t.Helper()

	switch value := value.(type) {
	case []any:
		all := []any{}
		for _, item := range value {
			all = append(all, likeSeen(t, item))
		}

		return all
	case float64:
		return map[string]any{"number": math.Float64bits(value)}
	case string:
		return map[string]any{"string": value}
	default:
		return value
	}
}

// bits replaces the text of each number by its bits.
func bits(t *testing.T, value any) any {
	t.Helper()

	switch value := value.(type) {
	case []any:
		for i := range value {
			value[i] = bits(t, value[i])
		}
	case map[string]any:
		if text, is := value["number"].(string); is {
			number, err := strconv.ParseFloat(text, 64)
			require.NoError(t, err)

			value["number"] = math.Float64bits(number)
		}
	}

	return value
}

// hostile settings change how Postgres writes nearly everything.
var hostile = [][2]string{ //nolint:gochecknoglobals // immutable
	{"DateStyle", "German,MDY"}, {"IntervalStyle", "iso_8601"}, {"extra_float_digits", "-15"}, {"bytea_output", "escape"}, {"array_nulls", "off"},
	{"quote_all_identifiers", "on"}, {"TimeZone", "Europe/Paris"},
}

// sessions are the ways in which settings come to be; none changes what a script gets.
func sessions(t *testing.T, mode string) map[string]script {
	t.Helper()

	options, set := "", ""
	for _, each := range hostile {
		options += fmt.Sprintf("-c %s=%s ", each[0], each[1])
		set += fmt.Sprintf("db.exec(`SET %s = '%s'`);", each[0], each[1])
	}

	withOptions := func(options string) script {
		parsed, err := url.Parse(address(t, mode, ""))
		require.NoError(t, err)

		query := parsed.Query()
		query.Set("options", options)
		parsed.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")

		return newScript(t, parsed.String())
	}
	made := map[string]script{
		"usual settings":          withOptions("-c TimeZone=Europe/Paris"),
		"settings from the start": withOptions(options),
		"SET in the script":       newScript(t, address(t, mode, "")),
	}
	made["SET in the script"].run(t, set)

	for _, s := range made {
		s.run(t, seen)
	}

	return made
}

func sortedTypes(types map[string]catalogued) (sorted []catalogued) {
	for _, one := range types {
		sorted = append(sorted, one)
	}

	sort.Slice(sorted, func(i, j int) bool { return sorted[i].name < sorted[j].name })

	return sorted
}

// Every type of the server, in every mode, gives what the README says; the right values are made by Postgres.
func TestEveryTypeGivesWhatTheReadmeSays(t *testing.T) {
	server := withMadeTypes(t)
	all := sampler{server: server, types: server.types(t), made: map[string][]sample{}}
	types := sortedTypes(all.types)
	samples := 0

	for _, one := range types {
		if one.kind == "p" {
			continue
		}

		made := all.samples(t, one.oid)
		samples += len(made)

		// Some types cannot be read by anybody; where one can, a literal that it takes belongs into the list.
		if len(made) == 0 && server.outcome("''::"+one.name) != "0A000" {
			t.Errorf("%s takes none of the literals; add one that it takes", one.name)
		}
	}

	require.Greater(t, samples, len(types))

	for _, mode := range []string{"simple", "extended", "prepared"} {
		for name, s := range sessions(t, mode) {
			t.Run(mode+", "+name, func(t *testing.T) {
				for _, one := range types {
					for _, each := range all.made[one.oid] {
						require.NoError(t, s.VU.RuntimeField.Set("text", "SELECT "+each.expression+" AS v"))

						var value any

						require.NoError(t, json.Unmarshal([]byte(s.json(t, `seen(db.query(text)[0].v)`)), &value))

						if expected := likeSeen(t, each.expected); !equal(expected, bits(t, value)) {
							t.Errorf("%s: expected %v, got %v", each.expression, expected, value)
						}
					}
				}
			})
		}
	}
}

func equal(a, b any) bool {
	return fmt.Sprintf("%#v", a) == fmt.Sprintf("%#v", b)
}
