package request

import (
	"bytes"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// tail is the request's head behind its first line, up to the length of its body and what follows.
func tail(to *url.URL, method string, headers http.Header) []byte {
	var text bytes.Buffer

	fmt.Fprintf(&text, " HTTP/1.1\r\nHost: %s\r\n", to.Host)

	all := http.Request{Header: http.Header{"User-Agent": {"k6"}}}
	if mayHaveBody(method) {
		all.Header.Set("Content-Type", "application/json")
	}

	if to.User != nil {
		password, _ := to.User.Password()
		all.SetBasicAuth(to.User.Username(), password)
	}

	maps.Copy(all.Header, headers)

	// A line break in a value is written as a space.
	_ = all.Header.Write(&text)

	return text.Bytes()
}

// mayHaveBody says whether a request without a body says that it has none.
func mayHaveBody(method string) bool {
	return method != http.MethodGet && method != http.MethodDelete && method != http.MethodHead
}

// targetOf is what the first line asks for: a path behind that of the address, with one slash between them; a query of the
// address stays, before that of the path. No path: the address' own.
func targetOf(base *url.URL, path string) (string, error) {
	if path == "" {
		return base.RequestURI(), nil
	}

	behind, err := url.Parse(strings.TrimLeft(path, "/"))
	if err != nil || behind.IsAbs() || behind.Host != "" {
		return "", fmt.Errorf("the path %q does not fit; expected one as predict/7?detail=1", path)
	}

	query := base.RawQuery
	if query != "" && behind.RawQuery != "" {
		query += "&"
	}

	if query += behind.RawQuery; query != "" {
		query = "?" + query
	}

	return strings.TrimRight(base.EscapedPath(), "/") + "/" + behind.EscapedPath() + query, nil
}

// addressOf is host:port, with the scheme's own port where none is given.
func addressOf(to *url.URL) string {
	port := to.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[to.Scheme]
	}

	return net.JoinHostPort(to.Hostname(), port)
}
