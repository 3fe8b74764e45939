/** Requests over HTTP/1.1 on a connection that is kept, which cost the client about what a query costs it. */
declare module 'k6/x/request' {
  export type AnswerForm = 'json' | 'text' | 'bytes'

  /** What a script gets of an answer in each form. */
  export type Read<Form extends AnswerForm> = Form extends 'json'
    ? unknown
    : Form extends 'text'
      ? string
      : ArrayBuffer

  export interface Options<Form extends AnswerForm = 'json'> {
    /** Absent: POST. */
    method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
    /** Status codes that count as answers; absent: 200. */
    statuses?: readonly number[]
    /** Beside Host and Content-Length; absent: `Content-Type: application/json`. */
    headers?: Record<string, string>
    /** How an answer's body is given to the script: parsed, as text, or as an ArrayBuffer. Absent: 'json'. */
    answer?: Form
    /** An answer's header whose value `label()` gives. */
    label?: string
    /** A duration as `30s`, in which a whole answer must have come; absent: 60 s. */
    timeout?: string
    /** A file of certificates (PEM) that are trusted besides the system's; a relative path counts from where k6 was started. */
    ca?: string
    /** Called after each connection that was opened. */
    opened?: () => void
  }

  /** What {@link requestSets} returns; all virtual users share what it means. */
  export interface RequestSets {
    readonly requestSets: unique symbol
  }

  /** One connection to a service at most, which is kept for as long as the service keeps it. */
  export interface Service<Body> {
    /**
     * Sends a request and waits for the whole answer. It is sent again, on another connection, only where not a byte of it had been
     * sent; redirections are not followed.
     * @param body absent: none
     * @param path behind that of the address, with one slash between them; absent: the address itself
     * @returns the body of an answer whose status counts
     * @throws Error `HTTP 503: …` with the body's first 200 characters for another status, and where a redirection leads; one that
     * says what happened where no whole answer came. Each has a `kind`: `HTTP 503`, `ECONNREFUSED`, `time-out`, `TLS unknown authority`,
     * …; none repeats what may be secret in the address; SyntaxError where it is no JSON; TypeError for another body than a string or
     * an ArrayBuffer, and in the init context
     */
    send(body?: string | ArrayBuffer | null, path?: string): Body
    /**
     * As `send`, with one of the sets: nothing of a virtual user's own is read for a request, and nothing made.
     * @param index of the set, from 0
     * @throws {TypeError} where there is none, or `sets` is something else
     */
    sendOf(sets: RequestSets, index: number): Body
    /** Of the last answer; undefined where it had no such header. */
    label(): string | undefined
    /** Connections that were opened in the place of one that was lost, whether or not a request failed by it. */
    replaced(): number
    /** A text, of which an answer's body may be a part, without what is secret in the address and the headers: for a script's own messages. */
    covered(text: string): string
    /** Closes the connection; a request after it opens another. */
    close(): void
  }

  /**
   * Connects when it is first asked. `https` has the certificate checked as k6's options say, a user in the URL is sent as basic authorization.
   * @throws TypeError for anything but a URL with http or https, and for an option that does not fit
   */
  export function open<Form extends AnswerForm = 'json'>(
    url: string,
    options?: Options<Form>,
  ): Service<Read<Form>>

  /**
   * What is sent in many requests, kept once for all virtual users.
   * @param name the first virtual user to call it with this name has `read` called; for the others it is not
   * @param read returns an array of paths and bodies, each as `send` takes them; what it holds is copied
   * @throws {TypeError} where it returns anything else
   */
  export function requestSets(
    name: string,
    read: () => readonly { readonly path?: string; readonly body?: string | ArrayBuffer }[],
  ): RequestSets
  const request: { open: typeof open; requestSets: typeof requestSets }
  export default request
}
