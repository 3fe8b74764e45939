package request

import (
	"net/http"
	"net/url"
	"strings"
)

// withoutSecrets is an address without its user and its query.
func withoutSecrets(location string) string {
	to, err := url.Parse(location)
	if err != nil {
		return "(an address that cannot be read)"
	}

	to.User, to.Fragment = nil, ""
	if to.RawQuery != "" {
		to.RawQuery = "…"
	}

	return to.String()
}

// shortestSecret is the length from which a header's value counts as a secret, whatever the header is called.
const shortestSecret = 4

// secretsOf are what an address and headers hold that no message may repeat.
func secretsOf(to *url.URL, headers http.Header) []string {
	secrets := []string{to.RawQuery}
	if len(to.Path) > 1 { // it may be a token
		secrets = append(secrets, strings.Trim(to.Path, "/"), strings.Trim(to.EscapedPath(), "/"))
	}

	given := http.Request{Header: headers.Clone()}
	if to.User != nil {
		password, _ := to.User.Password()
		given.SetBasicAuth(to.User.Username(), password)
		secrets = append(secrets, password, url.PathEscape(password), url.QueryEscape(password))
	}

	// In which header a service wants its token is its own business.
	for _, all := range []http.Header{given.Header, headers} {
		for name, values := range all {
			if name == "Content-Type" || name == "Accept" {
				continue
			}

			isCredential := name == "Authorization" || name == "Proxy-Authorization" || name == "Cookie"

			for _, value := range values {
				_, token, _ := strings.Cut(value, " ")
				for _, one := range []string{value, token} {
					// Of any other header a short value is no token, and without it nothing would be left of a text.
					if isCredential || len(one) >= shortestSecret {
						secrets = append(secrets, one)
					}
				}
			}
		}
	}

	return secrets
}
