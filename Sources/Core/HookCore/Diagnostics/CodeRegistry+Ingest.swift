// SPDX-License-Identifier: Apache-2.0

extension CodeRegistry {
    /// Stage 1: what the listener answers by itself.
    static let ingest: [CodeEntry] = [
        CodeEntry(
            "http/malformed", "The request is not HTTP/1.1",
            "A line of the request's head or chunked body cannot be read: a character that may not stand there, a missing "
                + "Host field, a target that does not begin with a slash. The connection is closed."),
        CodeEntry(
            "http/ambiguous-framing", "The end of the request is in doubt",
            "Two readers could disagree on where this request ends: Content-Length together with Transfer-Encoding, one of "
                + "them twice, a line that ends in a bare line feed, a folded header line, a malformed chunk, a header name "
                + "with an underscore that stands for a known one. Requests could be smuggled that way, so the request is "
                + "refused and the connection closed. Look at the proxy in front."),
        CodeEntry(
            "http/header-too-large", "The header is too large",
            "The header exceeds `ingest.header_bytes` or `ingest.header_fields` of hookswitch.yaml."),
        CodeEntry(
            "http/target-too-long", "The request target is too long", "Path and query together exceed 8,192 bytes."),
        CodeEntry(
            "http/body-too-large", "The body is too large",
            "The body exceeds the limit of the source (`limits: {body: …}`) or of the listener. It is refused by its "
                + "announced length where there is one, else as soon as it has grown too large."),
        CodeEntry(
            "http/length-required", "The length of the body is missing",
            "A request that carries an event needs Content-Length or the transfer coding chunked."),
        CodeEntry(
            "http/content-encoding", "The content coding is not known",
            "A body may have one content coding: gzip, deflate, br or zstd. Others, and several in a row, are not undone."
        ),
        CodeEntry(
            "http/transfer-coding", "The transfer coding is not known", "Only `Transfer-Encoding: chunked` is known."),
        CodeEntry("http/expectation", "The expectation is not known", "Only `Expect: 100-continue` is known."),
        CodeEntry("http/version", "The version of HTTP is not known", "The listener speaks HTTP/1.1 and HTTP/1.0."),
        CodeEntry(
            "http/unknown-path", "No source at this path",
            "The path of the request is not the path of any source; paths are compared byte by byte, without decoding."),
        CodeEntry("http/method", "The method is not allowed", "Events are sent with POST or PUT."),
        CodeEntry(
            "http/timeout", "The request did not arrive in time",
            "Header or body took longer than their limit, or the body came more slowly than the minimum rate."),
        CodeEntry(
            "ingest/connections", "Too many connections",
            "As many connections are open as `ingest.connections` allows. Try again after the time in Retry-After."),
    ]
}
