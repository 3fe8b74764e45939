package pgxdriver_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// given is a script's value, and what it is for Postgres.
type given struct {
	script string
	// literal is the text that the README promises, read by the parameter's type; empty: NULL, or an array.
	literal string
	// items are an array's.
	items []given
	// json is the array for json and jsonb.
	json string
}

func scalarsGiven() []given {
	long := strings.Repeat("x", 70000)

	return []given{
		{script: "0", literal: "0"},
		{script: "-0", literal: "-0"},
		{script: "1", literal: "1"},
		{script: "-7", literal: "-7"},
		{script: "32768", literal: "32768"},
		{script: "2147483648", literal: "2147483648"},
		{script: "16777217", literal: "16777217"},
		{script: "2 ** 53 - 1", literal: "9007199254740991"},
		{script: "2 ** 53", literal: "9007199254740992"},
		{script: "2 ** 60", literal: "1152921504606846976"},
		{script: "-(2 ** 63)", literal: "-9223372036854775808"},
		{script: "1e20", literal: "100000000000000000000"},
		{script: "1e23", literal: "1e+23"},
		{script: "1e300", literal: "1e+300"},
		{script: "1e-300", literal: "1e-300"},
		{script: "1e-40", literal: "1e-40"},
		{script: "5e-324", literal: "5e-324"},
		{script: "0.1", literal: "0.1"},
		{script: "-1.5", literal: "-1.5"},
		{script: "1 + 2 ** -24", literal: "1.0000000596046448"}, // just between two reals
		{script: "3.4028235677973366e38", literal: "3.4028235677973366e+38"},
		{script: "NaN", literal: "NaN"},
		{script: "Infinity", literal: "Infinity"},
		{script: "-Infinity", literal: "-Infinity"},
		{script: "5n", literal: "5"},
		{script: "-(2n ** 63n)", literal: "-9223372036854775808"},
		{script: "12345678901234567890n", literal: "12345678901234567890"},
		{script: "true", literal: "true"},
		{script: "false", literal: "false"},
		{script: "null"}, {script: "undefined"},
		{script: "''", literal: ""},
		{script: "'1'", literal: "1"},
		{script: "'é漢 \\'\\\\ \"$1\"'", literal: `é漢 '\ "$1"`},
		{script: "'x'.repeat(70000)", literal: long},
		{script: "'[1, 2]'", literal: "[1, 2]"},
		{script: "'{\"a\": 1}'", literal: `{"a": 1}`},
		{script: "new Date('2013-01-02T03:04:05.678Z')", literal: "2013-01-02T03:04:05.678Z"},
		{script: "new Date('1900-01-01T00:00:00Z')", literal: "1900-01-01T00:00:00Z"},
		{script: "new Date('-000043-03-15T12:00:00Z')", literal: "0044-03-15T12:00:00Z BC"},
		{script: "new Date('+012345-02-03T04:05:06.5Z')", literal: "12345-02-03T04:05:06.5Z"},
		{script: "new Date(-8.64e15)", literal: "271822-04-20T00:00:00Z BC"},
		{script: "new Uint8Array([0, 92, 255])", literal: `\x005cff`},
		{script: "new Uint8Array([1]).buffer", literal: `\x01`},
		{script: "({ b: [1, null, 2n ** 60n], a: \"it's\", d: new Date(0), n: NaN, u: undefined, f: new Float32Array([0.5]), y: new Uint8Array([1]).buffer })",
			literal: `{"b":[1,null,1152921504606846976],"a":"it's","d":"1970-01-01T00:00:00.000Z","n":null,"f":[0.5],"y":[1]}`},
	}
}

func arraysGiven() []given {
	one, two := given{script: "1", literal: "1"}, given{script: "2", literal: "2"}
	null := given{script: "null"}

	return []given{
		{script: "[]", items: []given{}, json: "[]"},
		{script: "[1]", items: []given{one}, json: "[1]"},
		{script: "[1, null, 2]", items: []given{one, null, two}, json: "[1,null,2]"},
		{script: "[[1, 2], [2, null]]", items: []given{{items: []given{one, two}}, {items: []given{two, null}}}, json: "[[1,2],[2,null]]"},
		{script: "[[1], [1, 2]]", items: []given{{items: []given{one}}, {items: []given{one, two}}}, json: "[[1],[1,2]]"},
		{script: "['a,b;c', '\"', '\\\\', 'NULL', '']", items: []given{
			{literal: "a,b;c"}, {literal: `"`}, {literal: `\`}, {literal: "NULL"}, {literal: ""},
		}, json: `["a,b;c","\"","\\","NULL",""]`},
		{script: "['(1,2),(3,4)', '(0,0),(1,1)']", items: []given{{literal: "(1,2),(3,4)"}, {literal: "(0,0),(1,1)"}},
			json: `["(1,2),(3,4)","(0,0),(1,1)"]`},
		{script: "[{ a: 'x' }, { b: [1] }]", items: []given{{literal: `{"a":"x"}`}, {literal: `{"b":[1]}`}}, json: `[{"a":"x"},{"b":[1]}]`},
		{script: "[0.1, 1e-300, NaN, 2n ** 60n, true]", items: []given{
			{literal: "0.1"}, {literal: "1e-300"}, {literal: "NaN"}, {literal: "1152921504606846976"}, {literal: "true"},
		}, json: "[0.1,1e-300,null,1152921504606846976,true]"},
		{script: "new Float32Array([0.5, 0.1])", items: []given{{literal: "0.5"}, {literal: "0.10000000149011612"}}, json: "[0.5,0.10000000149011612]"},
		{script: "new BigInt64Array([-(2n ** 63n)])", items: []given{{literal: "-9223372036854775808"}}, json: "[-9223372036854775808]"},
		{script: "[new Date(0)]", items: []given{{literal: "1970-01-01T00:00:00Z"}}, json: `["1970-01-01T00:00:00.000Z"]`},
		{script: "[new Uint8Array([0, 255])]", items: []given{{literal: `\x00ff`}}, json: `[[0,255]]`},
		{script: "[,1]", items: []given{null, one}, json: "[null,1]"},
		{script: "[[[[[[[1]]]]]]]", items: []given{{items: []given{{items: []given{{items: []given{{items: []given{{items: []given{{items: []given{
			one,
		}}}}}}}}}}}}}, json: "[[[[[[[1]]]]]]]"},
	}
}

// expression is the value for a type, by what the README says of it.
func (s sampler) expression(value given, one catalogued) string {
	scalar := s.scalarOf(one)

	switch {
	case value.items == nil && (value.script == "null" || value.script == "undefined"):
		return "NULL::" + one.name
	case value.items == nil:
		return quoted(value.literal) + "::" + one.name
	case scalar.plain == "json" || scalar.plain == "jsonb":
		return quoted(value.json) + "::" + one.name
	case scalar.vector != "":
		return quoted(s.vector(value)) + "::" + one.name
	default:
		return quoted(s.array(value, scalar)) + "::" + one.name
	}
}

// element is the value read as the only one of an array of the type.
func (s sampler) element(value given, one catalogued) string {
	if value.items != nil {
		value = given{literal: s.array(value, s.scalarOf(one))}
	}

	if value.script == "undefined" {
		value.script = "null"
	}

	return "(" + quoted(s.array(given{items: []given{value}}, catalogued{})) + "::" + one.name + "[])[1]"
}

func (s sampler) vector(value given) string {
	var words []string

	for _, item := range value.items {
		switch {
		case item.items != nil:
			words = append(words, s.array(item, catalogued{}))
		case item.literal == "" && item.script == "null":
			words = append(words, "NULL")
		default:
			words = append(words, item.literal)
		}
	}

	return strings.Join(words, " ")
}

// array is the text of one, as the documentation of arrays has it; of the type that is given its delimiter is taken.
func (s sampler) array(value given, one catalogued) string {
	var words []string

	element := s.scalarOf(s.types[one.element])

	for _, item := range value.items {
		escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`)

		switch {
		case item.items != nil && element.element != "":
			words = append(words, `"`+escaped.Replace(s.array(item, element))+`"`)
		case item.items != nil && element.vector != "":
			words = append(words, `"`+escaped.Replace(s.vector(item))+`"`)
		case item.items != nil:
			words = append(words, s.array(item, one))
		case item.script == "null":
			words = append(words, "NULL")
		default:
			words = append(words, `"`+escaped.Replace(item.literal)+`"`)
		}
	}

	delimiter := ","
	if one.element != "" {
		delimiter = s.delimiters[one.element]
	}

	return "{" + strings.Join(words, delimiter) + "}"
}

var sqlstate = regexp.MustCompile(`\(SQLSTATE (\w{5})\)`)

// Each value of a script for each type of parameter, in every mode: what Postgres makes of the README's text, or its error.
func TestEveryParameterArrivesAsTheReadmeSays(t *testing.T) {
	server := withMadeTypes(t)
	all := sampler{server: server, types: server.types(t), delimiters: server.delimiters(t)}
	values := append(scalarsGiven(), arraysGiven()...)
	modes := map[string]script{}

	for _, mode := range []string{"simple", "extended", "prepared"} {
		s := newScript(t, address(t, mode, ""))
		s.run(t, `db.exec("SET TimeZone = 'Europe/Paris'")
			const outcome = (text, value) => {
				try {
					const [row] = db.query(text, value)
					return row.is_null ? 'NULL' : 'text ' + row.v
				} catch (e) {
					return String(e)
				}
			}`)

		modes[mode] = s
	}

	for _, one := range sortedTypes(all.types) {
		for _, value := range values {
			expected := map[string]string{"simple": server.outcome(all.expression(value, one))}
			expected["extended"] = expected["simple"]

			if one.isLimited {
				// A literal that is cast to it is cut, a parameter is read as an element of an array is.
				expected["extended"] = server.outcome(all.element(value, one))
			}

			expected["prepared"] = expected["extended"]

			text := "SELECT v IS NULL AS is_null, format('%s', v) AS v FROM (SELECT $1::" + one.name + " AS v) AS of"

			for mode, s := range modes {
				require.NoError(t, s.VU.RuntimeField.Set("text", text))

				seen, is := s.run(t, "outcome(text, "+value.script+")").(string)
				require.True(t, is)

				if said := sqlstate.FindStringSubmatch(seen); said != nil {
					seen = said[1]
				}

				if seen != expected[mode] {
					t.Errorf("%s: %s for %s: expected %.100s, got %.200s", mode, value.script, one.name, expected[mode], seen)
				}
			}
		}
	}
}

func TestWhatCannotBeAParameterIsTheSameErrorInEachMode(t *testing.T) {
	inEachMode(t, func(t *testing.T, s script) {
		for code, said := range map[string]string{
			`'a\0b'`:        "(SQLSTATE 22021)",
			`['a\0b']`:      "(SQLSTATE 22021)",
			`new Date(NaN)`: "an invalid Date is no parameter of a query",
			`() => 1`:       "a value of type func",
			`(() => { const a = []; a.push(a); return a })()`: "an array that is nested in itself",
			`(() => { const a = {}; a.a = a; return a })()`:   "Converting circular structure to JSON",
			`({ get a() { throw new Error('own') } })`:        "own",
		} {
			_, err := s.try(`db.query('SELECT $1::text[]', ` + code + `)`)
			require.ErrorContains(t, err, said, code)
			requireJSON(t, `[{"n":1}]`, s.json(t, `db.query('SELECT 1 AS n')`))
		}
	})
}
