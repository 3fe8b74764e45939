package sqlmodule

import (
	"bytes"
	"math/big"
	"reflect"
	"strconv"

	"github.com/grafana/sobek"

	"inference-gap/extension-sql/pgxdriver"
)

// mostLevels of arrays in arrays: one that lies in itself has no end.
const mostLevels = 64

// argument is what the driver gets of a script's value: all of it, so that no code of the script runs while a query is on its way.
func argument(runtime *sobek.Runtime, value sobek.Value) any {
	return argumentAt(runtime, value, 0)
}

func argumentAt(runtime *sobek.Runtime, value sobek.Value, level int) any {
	given, isObject := value.(*sobek.Object)
	if !isObject {
		if value == nil { // a hole in an array
			return nil
		}

		return value.Export()
	}

	switch class := given.ClassName(); {
	case class == "Date":
		at := given.Export()
		if at == nil {
			panic(runtime.NewTypeError("an invalid Date is no parameter of a query"))
		}

		return at
	case class == "Array":
		return itemsAt(runtime, given, level)
	case given.ExportType() == typeMap:
		return asJSON(runtime, given)
	default:
		return given.Export()
	}
}

var typeMap = reflect.TypeFor[map[string]any]() //nolint:gochecknoglobals // immutable

func itemsAt(runtime *sobek.Runtime, array *sobek.Object, level int) []any {
	if level == mostLevels {
		panic(runtime.NewTypeError("an array that is nested in itself, or too deep, is no parameter of a query"))
	}

	items := make([]any, array.Get("length").ToInteger())

	for i := range items {
		items[i] = argumentAt(runtime, array.Get(strconv.Itoa(i)), level+1)
	}

	return items
}

// asJSON is JSON.stringify, but that a bigint is written with its digits and a Float32Array or the like as an array.
func asJSON(runtime *sobek.Runtime, object *sobek.Object) any {
	stringify, isFunction := sobek.AssertFunction(runtime.Get("JSON").ToObject(runtime).Get("stringify"))
	if !isFunction {
		panic(runtime.NewTypeError("JSON.stringify, by which an object becomes a parameter, is no function"))
	}

	text, err := stringify(sobek.Undefined(), object, runtime.ToValue(func(call sobek.FunctionCall) sobek.Value {
		return replaced(runtime, call.Argument(1))
	}))
	if err != nil {
		panic(err)
	}

	if sobek.IsUndefined(text) { // its own toJSON says so
		return nil
	}

	return pgxdriver.JSON(text.String())
}

// replaced is what JSON.stringify writes for a value.
func replaced(runtime *sobek.Runtime, value sobek.Value) sobek.Value {
	exported := value.ExportType()

	switch {
	case exported == typeBigInt:
		if whole, is := value.Export().(*big.Int); is {
			return runtime.ToValue(digits(whole.String()))
		}
	case exported == typeBuffer:
		if buffer, is := value.Export().(sobek.ArrayBuffer); is {
			return listed(runtime, reflect.ValueOf(buffer.Bytes()))
		}
	case exported != nil && exported.Kind() == reflect.Slice && exported.Elem().Kind() != reflect.Interface:
		return listed(runtime, reflect.ValueOf(value.Export()))
	}

	return value
}

func listed(runtime *sobek.Runtime, typed reflect.Value) sobek.Value {
	items := make([]any, typed.Len())

	for i := range items {
		items[i] = typed.Index(i).Interface()
	}

	return runtime.NewArray(items...)
}

var (
	typeBigInt = reflect.TypeFor[*big.Int]()          //nolint:gochecknoglobals // immutable
	typeBuffer = reflect.TypeFor[sobek.ArrayBuffer]() //nolint:gochecknoglobals // immutable
)

// digits are written into JSON as they are.
type digits string

// MarshalJSON is asked by JSON.stringify.
func (d digits) MarshalJSON() ([]byte, error) {
	return []byte(d), nil
}

// owned is what the script that gave it cannot change: bytes and typed arrays are its own memory.
func owned(value any) any {
	switch given := value.(type) {
	case []byte:
		return bytes.Clone(given)
	case sobek.ArrayBuffer:
		return bytes.Clone(given.Bytes())
	case []any:
		for i := range given {
			given[i] = owned(given[i])
		}

		return given
	case nil:
		return nil
	}

	if given := reflect.ValueOf(value); given.Kind() == reflect.Slice {
		copied := reflect.MakeSlice(given.Type(), given.Len(), given.Len())
		reflect.Copy(copied, given)

		return copied.Interface()
	}

	return value
}
