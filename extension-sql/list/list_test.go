package list_test

import (
	"testing"

	"github.com/grafana/sobek"
	"github.com/stretchr/testify/require"

	"inference-gap/extension-sql/list"
)

// What scripts do with it must come out as it does with an array of their own.
func TestItIsAnArray(t *testing.T) {
	for _, code := range []string{
		`a`, `a.length`, `a[0]`, `a[2].b`, `typeof a[3]`, `typeof a[-1]`, `Array.isArray(a)`, `a instanceof Array`, `[...a].length`,
		`a.map((each) => typeof each)`, `a.slice(1)`, `a.concat([4])`, `Object.keys(a)`, `Object.entries(a).length`, `'0' in a`, `3 in a`, `a.indexOf('two')`,
		`const [x, y] = a; [y, x]`, `let n = 0; for (const each of a) n++; n`, `a[2] === a[2]`, `a.push(4); a`, `a.pop(); a`, `a.reverse(); a`,
		`a.shift(); a`, `a.unshift(0); a`, `a.splice(1, 1); a`, `a.length = 1; a`, `a.length = 5; a.length`, `a[1] = 'new'; a`, `a[5] = 6; [a.length, a[5]]`,
		`a.sort((x, y) => String(x) < String(y) ? -1 : 1); a`, `a.includes(1)`, `a.find((each) => each === 'two')`, `a.flat()`, `a.fill(0); a`, `a.at(-1)`,
		`Object.assign({}, a)`, `a.toString()`, `JSON.stringify({ a })`, `a[2].b = 2; a`, `delete a[0]; typeof a[0]`, `a.length = 0; a`,
	} {
		seen := func(make func(*sobek.Runtime) any) string {
			runtime := sobek.New()
			require.NoError(t, runtime.Set("a", make(runtime)))

			value, err := runtime.RunString(`JSON.stringify(eval(` + "`" + code + "`" + `))`)
			require.NoError(t, err, code)

			return value.String()
		}
		expected := seen(func(runtime *sobek.Runtime) any {
			return runtime.NewArray(1, "two", map[string]any{"b": 1})
		})
		require.Equal(t, expected, seen(func(runtime *sobek.Runtime) any {
			return list.New(runtime, []any{1, "two", map[string]any{"b": 1}})
		}), code)
	}
}

func TestLengthsThatAreMistakes(t *testing.T) {
	runtime := sobek.New()
	require.NoError(t, runtime.Set("a", list.New(runtime, []any{1})))

	for _, code := range []string{`'use strict'; a.length = 2 ** 31`, `'use strict'; a[2 ** 30] = 1`, `'use strict'; a.length = -1`} {
		_, err := runtime.RunString(code)
		require.ErrorContains(t, err, "TypeError", code)
	}
}

func TestGoGetsASlice(t *testing.T) {
	runtime := sobek.New()
	made := list.New(runtime, []any{1.5, map[string]any{"b": 1}, nil})
	require.NoError(t, runtime.Set("a", made))

	_, err := runtime.RunString(`a[0]; a[1].b = 2; a.push('x')`)
	require.NoError(t, err)
	require.Equal(t, []any{1.5, map[string]any{"b": int64(2)}, nil, "x"}, list.Exported(made))
	require.Equal(t, int64(1), list.Exported(runtime.ToValue(1)))
}
