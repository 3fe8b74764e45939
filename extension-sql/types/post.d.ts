/** Keep-alive POSTs over HTTP/1.1 that cost the client about what a query costs it. */
declare module 'k6/x/post' {
  export interface Options<Answer extends 'json' | 'binary' = 'json'> {
    /** Beside Host and Content-Length; absent: `Content-Type: application/json`. */
    headers?: Record<string, string>
    /** How an answer's body is given to the script: parsed, or as an ArrayBuffer. Absent: 'json'. */
    answer?: Answer
    /** An answer's header whose value `label()` gives. */
    label?: string
    /** A duration as `30s`, in which a whole answer must have come; absent: 60 s. */
    timeout?: string
    /** A file of certificates (PEM) that are trusted besides the system's; a relative path counts from where k6 was started. */
    ca?: string
    /**
     * How the process's requests wait for answers once more than eight are under way: 'polled' as all of Go's connections do, 'grouped' at less
     * cost, in threads of their own. Then Go looks after other connections (k6/http, say) only every 10 ms while answers come
     * all the time: for scripts that measure by none. Linux only; elsewhere it is 'polled', which is what is meant where it is absent.
     */
    wait?: 'polled' | 'grouped'
    /** Called after each connection that was opened. */
    opened?: () => void
  }

  /** One connection to a service at most, which is kept for as long as the service keeps it. */
  export interface Service<Body> {
    /**
     * Sends a POST and waits for the whole answer. It is sent again, on another connection, only where not a byte of it had been
     * sent; redirections are not followed.
     * @returns the body of an answer with status 200
     * @throws Error `HTTP 503: …` with the body's first 200 characters for another status, and where a redirection leads; one that
     * says what happened where no whole answer came. Each has a `kind`: `HTTP 503`, `ECONNREFUSED`, `time-out`, `TLS unknown authority`,
     * …; none repeats what may be secret in the address; SyntaxError where it is no JSON; TypeError for another body than a string or an ArrayBuffer, and in
     * the init context
     */
    post(body: string | ArrayBuffer): Body
    /** Of the last answer; undefined where it had no such header. */
    label(): string | undefined
    /** Connections that were opened in the place of one that was lost, whether or not a request failed by it. */
    replaced(): number
    /** Closes the connection; a post after it opens another. */
    close(): void
  }

  /**
   * Connects when it is first asked. `https` has the certificate checked as k6's options say, a user in the URL is sent as basic authorization.
   * @throws TypeError for anything but a URL with http or https, and for an option that does not fit
   */
  export function open<Answer extends 'json' | 'binary' = 'json'>(
    url: string,
    options?: Options<Answer>,
  ): Service<Answer extends 'json' ? unknown : ArrayBuffer>
  const post: { open: typeof open }
  export default post
}
