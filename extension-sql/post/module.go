// Package post is `k6/x/post`: keep-alive POSTs that cost the client about what a query costs it.
//
// k6/http is made for everything that a browser does: for each request it runs two goroutines of net/http, traces eight
// phases, gives k6 nine samples and scripts an answer that is looked into by reflection. That is four times what a query
// costs over our driver, and where client and targets share a machine it made the service look slower than it is. Here a POST
// goes over the same kind of line as a query, on the script's own goroutine; the answer is read by net/http's parser.
package post

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
	"inference-gap/extension-sql/line"
	"inference-gap/extension-sql/list"
)

// ImportPath is the module's path in scripts.
const ImportPath = "k6/x/post"

func init() { //nolint:gochecknoinits // how k6 learns of extensions
	modules.Register(ImportPath, New())
}

// New makes the module.
func New() modules.Module {
	return root{}
}

type root struct{}

// NewModuleInstance is called by k6 once for each virtual user.
func (root) NewModuleInstance(vu modules.VU) modules.Instance {
	return &user{vu}
}

// user is the module as one virtual user sees it.
type user struct {
	vu modules.VU
}

// Exports gives `open` both by name and on the default export.
func (u *user) Exports() modules.Exports {
	named := map[string]any{"open": u.open}

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

// open is post.open(url, { headers, answer, label, timeout, ca, wait, opened }).
func (u *user) open(call sobek.FunctionCall) sobek.Value {
	runtime := u.vu.Runtime()

	to, err := url.Parse(call.Argument(0).String())
	if err != nil || to.Scheme != "http" && to.Scheme != "https" || to.Hostname() == "" || isAmbiguous(to) {
		// The value is not repeated: it may hold a password.
		u.refuse("post.open: the url does not fit; expected one as http://127.0.0.1:8000/, " +
			"with @ as %%40, / as %%2F and # as %%23 in a user or a password")
	}

	one := &client{address: addressOf(to), timeout: defaultTimeout}
	headers := http.Header{}
	isBinary := false

	if given := call.Argument(1); !common.IsNullish(given) {
		isBinary = u.read(given.ToObject(runtime), one, headers)
	}

	one.head = head(to, headers)
	one.secrets = secretsOf(to, headers)

	if to.Scheme == "https" {
		one.tls = &tls.Config{MinVersion: tls.VersionTLS12}
		if state := u.vu.State(); state != nil && state.TLSConfig != nil {
			one.tls = state.TLSConfig.Clone()
		}

		if one.ca != "" {
			if one.tls.RootCAs, err = trusted(one.ca); err != nil {
				u.refuse("post.open: ca: %s", err)
			}
		}

		one.tls.ServerName, one.tls.NextProtos = to.Hostname(), []string{"http/1.1"}
	}

	return u.service(one, isBinary)
}

// isAmbiguous says whether a user or password may have been cut at a slash, a question mark or a hash: its beginning would be
// a host, which is shown.
func isAmbiguous(to *url.URL) bool {
	return strings.Contains(to.RequestURI(), "@") || to.Fragment != ""
}

// read takes the options over. Returns whether answers are given as bytes.
func (u *user) read(options *sobek.Object, into *client, headers http.Header) (isBinary bool) {
	runtime := u.vu.Runtime()

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
					u.refuse("post.open: headers: %s is written by the client itself; leave it out", header)
				}

				headers.Set(header, of.Get(header).String())
			}
		case "answer":
			if text := value.String(); text != "json" && text != "binary" {
				u.refuse("post.open: answer is %v; expected 'json' or 'binary'", value)
			}

			isBinary = value.String() == "binary"
		case "label":
			into.label = textproto.CanonicalMIMEHeaderKey(value.String())
		case "timeout":
			timeout, err := time.ParseDuration(value.String())
			if err != nil || timeout <= 0 {
				u.refuse("post.open: timeout is %v; expected a duration above 0, as '30s'", value)
			}

			into.timeout = timeout
		case "ca":
			into.ca = value.String()
		case "wait":
			if into.wait = value.String(); !slices.Contains(line.Waits, into.wait) {
				u.refuse("post.open: wait is %v; expected '%s'", value, strings.Join(line.Waits, "' or '"))
			}
		case "opened":
			opened, isFunction := sobek.AssertFunction(value)
			if !isFunction {
				u.refuse("post.open: opened is %v; expected a function", value)
			}

			into.opened = func() {
				if _, err := opened(sobek.Undefined()); err != nil {
					panic(err)
				}
			}
		default:
			u.refuse("post.open: there is no option %q; expected headers, answer, label, timeout, ca, wait or opened", name)
		}
	}

	return isBinary
}

// service is what a script has of a client.
func (u *user) service(one *client, isBinary bool) sobek.Value {
	runtime := u.vu.Runtime()
	object := runtime.NewObject()
	label := sobek.Undefined()

	// The same few workers answer each time; one that answers for the first time costs a string.
	labels := map[string]sobek.Value{"": sobek.Undefined()}

	for name, method := range map[string]func(sobek.FunctionCall) sobek.Value{
		"post": func(call sobek.FunctionCall) sobek.Value {
			if u.vu.State() == nil {
				u.refuse("post: works only while the test runs, not in the init context")
			}

			label = sobek.Undefined()

			given, err := one.post(u.vu.Context(), u.body(call.Argument(0)))
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

			if given.status != http.StatusOK {
				u.fail(one, given.refused())
			}

			if isBinary {
				return runtime.ToValue(runtime.NewArrayBuffer(append([]byte{}, given.body...)))
			}

			return u.decoded(one, given.body)
		},
		"label": func(sobek.FunctionCall) sobek.Value { return label },
		"close": func(sobek.FunctionCall) sobek.Value {
			one.close()
			one.hadOne = false

			return sobek.Undefined()
		},
		"replaced": func(sobek.FunctionCall) sobek.Value { return runtime.ToValue(one.replaced) },
	} {
		_ = object.Set(name, method) // fails only where an object is frozen
	}

	return object
}

func (u *user) body(of sobek.Value) string {
	switch given := of.Export().(type) {
	case string:
		return given
	case sobek.ArrayBuffer:
		return string(given.Bytes())
	}

	u.refuse("post: the body is %v; expected a string or an ArrayBuffer", of)

	return ""
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
