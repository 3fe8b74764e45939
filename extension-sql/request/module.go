// Package request is `k6/x/request`: requests on a connection that is kept, which cost the client about what a query costs it.
//
// k6/http is made for everything that a browser does: for each request it runs two goroutines of net/http, traces eight
// phases, gives k6 nine samples and scripts an answer that is looked into by reflection. That is four times what a query
// costs over our driver, and where client and targets share a machine it made the service look slower than it is. Here a request
// goes over the same kind of line as a query, on the script's own goroutine; the answer is read by net/http's parser.
package request

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/js/common"
	"go.k6.io/k6/js/modules"

	"inference-gap/extension-sql/failure"
	"inference-gap/extension-sql/list"
)

// ImportPath is the module's path in scripts.
const ImportPath = "k6/x/request"

func init() { //nolint:gochecknoinits // how k6 learns of extensions
	modules.Register(ImportPath, New())
}

// New makes the module.
func New() modules.Module {
	return root{&setStore{}}
}

type root struct {
	sets *setStore
}

// NewModuleInstance is called by k6 once for each virtual user.
func (r root) NewModuleInstance(vu modules.VU) modules.Instance {
	return &user{vu, r.sets}
}

// user is the module as one virtual user sees it.
type user struct {
	vu   modules.VU
	sets *setStore
}

// Exports gives all both by name and on the default export.
func (u *user) Exports() modules.Exports {
	named := map[string]any{"open": u.open, "requestSets": u.requestSets}

	return modules.Exports{Default: named, Named: named}
}

func (u *user) refuse(format string, args ...any) {
	panic(u.vu.Runtime().NewTypeError(fmt.Sprintf(format, args...)))
}

// fail throws an error with its kind, and without what the client has to keep to itself.
func (u *user) fail(of *client, err error) {
	said := failure.Without(of.secrets, err.Error())
	failure.Throw(u.vu.Runtime(), failure.Named(failure.KindOf(err), errors.New(said)))
}

// mostLabels are kept for the next answers.
const mostLabels = 256

// defaultTimeout is k6/http's.
const defaultTimeout = 60 * time.Second

// open is request.open(url, { method, headers, answer, statuses, label, timeout, ca, opened }).
func (u *user) open(call sobek.FunctionCall) sobek.Value {
	runtime := u.vu.Runtime()

	to, err := url.Parse(call.Argument(0).String())
	if err != nil || to.Scheme != "http" && to.Scheme != "https" || to.Hostname() == "" || isAmbiguous(to) {
		// The value is not repeated: it may hold a password.
		u.refuse("request.open: the url does not fit; expected one as http://127.0.0.1:8000/, " +
			"with @ as %%40, / as %%2F and # as %%23 in a user or a password")
	}

	one := &client{
		address: addressOf(to), base: to, method: http.MethodPost, statuses: []int{http.StatusOK}, timeout: defaultTimeout,
	}
	headers := http.Header{}
	form := "json"

	if given := call.Argument(1); !common.IsNullish(given) {
		form = u.read(given.ToObject(runtime), one, headers)
	}

	one.tail = tail(to, one.method, headers)
	one.secrets = secretsOf(to, headers)

	if to.Scheme == "https" {
		one.tls = &tls.Config{MinVersion: tls.VersionTLS12}
		if state := u.vu.State(); state != nil && state.TLSConfig != nil {
			one.tls = state.TLSConfig.Clone()
		}

		if one.ca != "" {
			if one.tls.RootCAs, err = trusted(one.ca); err != nil {
				u.refuse("request.open: ca: %s", err)
			}
		}

		one.tls.ServerName, one.tls.NextProtos = to.Hostname(), []string{"http/1.1"}
	}

	return u.service(one, form)
}

// isAmbiguous says whether a user or password may have been cut at a slash, a question mark or a hash: its beginning would be
// a host, which is shown.
func isAmbiguous(to *url.URL) bool {
	return strings.Contains(to.RequestURI(), "@") || to.Fragment != ""
}

// forms are the ways in which an answer's body is given to a script.
var forms = []string{"json", "text", "bytes"} //nolint:gochecknoglobals // immutable

var methods = []string{ //nolint:gochecknoglobals // immutable
	http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
}

// read takes the options over. Returns how answers are given to the script.
func (u *user) read(options *sobek.Object, into *client, headers http.Header) (form string) {
	runtime := u.vu.Runtime()
	form = "json"

	for _, name := range options.Keys() {
		value := options.Get(name)
		if common.IsNullish(value) {
			continue
		}

		switch name {
		case "headers":
			of := value.ToObject(runtime)
			for _, header := range of.Keys() {
				switch textproto.CanonicalMIMEHeaderKey(header) {
				case "Host", "Content-Length", "Transfer-Encoding":
					u.refuse("request.open: headers: %s is written by the client itself; leave it out", header)
				}

				headers.Set(header, of.Get(header).String())
			}
		case "answer":
			if form = value.String(); !slices.Contains(forms, form) {
				u.refuse("request.open: answer is %v; expected '%s'", value, strings.Join(forms, "' or '"))
			}
		case "method":
			if into.method = value.String(); !slices.Contains(methods, into.method) {
				u.refuse("request.open: method is %v; expected one of %s", value, strings.Join(methods, ", "))
			}
		case "statuses":
			into.statuses = u.statuses(value)
		case "label":
			into.label = textproto.CanonicalMIMEHeaderKey(value.String())
		case "timeout":
			timeout, err := time.ParseDuration(value.String())
			if err != nil || timeout <= 0 {
				u.refuse("request.open: timeout is %v; expected a duration above 0, as '30s'", value)
			}

			into.timeout = timeout
		case "ca":
			into.ca = value.String()
		case "opened":
			opened, isFunction := sobek.AssertFunction(value)
			if !isFunction {
				u.refuse("request.open: opened is %v; expected a function", value)
			}

			into.opened = func() {
				if _, err := opened(sobek.Undefined()); err != nil {
					panic(err)
				}
			}
		default:
			u.refuse("request.open: there is no option %q; expected method, headers, answer, statuses, label, timeout, ca or opened", name)
		}
	}

	return form
}

func (u *user) statuses(given sobek.Value) []int {
	items, isArray := list.Exported(given).([]any)
	found := make([]int, 0, len(items))

	for _, item := range items {
		if status, is := item.(int64); is && status >= 200 && status < 600 {
			found = append(found, int(status))
		}
	}

	if !isArray || len(found) == 0 || len(found) < len(items) {
		u.refuse("request.open: statuses is %v; expected an array of status codes from 200 to 599", given)
	}

	return found
}

// service is what a script has of a client.
func (u *user) service(one *client, form string) sobek.Value {
	runtime := u.vu.Runtime()
	object := runtime.NewObject()
	label := sobek.Undefined()

	// The same few workers answer each time; one that answers for the first time costs a string.
	labels := map[string]sobek.Value{"": sobek.Undefined()}

	send := func(what sent) sobek.Value {
		if u.vu.State() == nil {
			u.refuse("send: works only while the test runs, not in the init context")
		}

		label = sobek.Undefined()

		given, err := one.send(u.vu.Context(), what)
		if err != nil {
			u.fail(one, err)
		}

		known, isKnown := labels[given.label]
		if !isKnown {
			known = runtime.ToValue(given.label)
			if len(labels) < mostLabels {
				labels[given.label] = known
			}
		}

		label = known

		if !slices.Contains(one.statuses, given.status) {
			u.fail(one, given.refused())
		}

		switch form {
		case "bytes":
			return runtime.ToValue(runtime.NewArrayBuffer(append([]byte{}, given.body...)))
		case "text":
			return runtime.ToValue(string(given.body))
		default:
			return u.decoded(one, given.body)
		}
	}

	var handle sets

	for name, method := range map[string]func(sobek.FunctionCall) sobek.Value{
		"send": func(call sobek.FunctionCall) sobek.Value {
			return send(u.sent(call.Argument(0), call.Argument(1)))
		},
		"sendOf": func(call sobek.FunctionCall) sobek.Value {
			return send(handle.at(u, call.Argument(0), call.Argument(1)))
		},
		"label": func(sobek.FunctionCall) sobek.Value { return label },
		"close": func(sobek.FunctionCall) sobek.Value {
			one.close()
			one.hadOne = false

			return sobek.Undefined()
		},
		"replaced": func(sobek.FunctionCall) sobek.Value { return runtime.ToValue(one.replaced) },
		"covered": func(call sobek.FunctionCall) sobek.Value {
			return runtime.ToValue(failure.Without(one.secrets, call.Argument(0).String()))
		},
	} {
		_ = object.Set(name, method) // fails only where an object is frozen
	}

	return object
}

// decoded is what JSON.parse makes of the body; numbers are doubles in either.
func (u *user) decoded(of *client, body []byte) sobek.Value {
	runtime := u.vu.Runtime()

	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		said := failure.Without(of.secrets, fmt.Sprintf("%s: %s", err, shown(body)))

		thrown, err := runtime.New(runtime.Get("SyntaxError"), runtime.ToValue(said))
		if err != nil {
			u.fail(of, err)
		}

		_ = thrown.Set("kind", failure.NotJSON) // fails only where an object is frozen

		panic(thrown)
	}

	if items, isArray := value.([]any); isArray {
		return list.New(runtime, items)
	}

	return runtime.ToValue(value)
}
