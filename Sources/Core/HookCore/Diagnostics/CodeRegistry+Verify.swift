// SPDX-License-Identifier: Apache-2.0

extension CodeRegistry {
    /// Stage 2: why a request did not become an event.
    static let verify: [CodeEntry] = [
        CodeEntry(
            "verify/address", "The address is not allowed",
            "The source has `allow_ips` and the peer's address is in none of the blocks. Behind a proxy the peer is the proxy."
        ),
        CodeEntry(
            "verify/signature", "The signature is not valid",
            "The signature is missing, malformed or wrong; which of them is not told. Check that both sides hold the same "
                + "secret, that the secret is decoded as the source says, and that nothing on the way changes the body."
        ),
        CodeEntry(
            "verify/timestamp", "The signed timestamp is too old or too new",
            "The signature is good, but its timestamp is outside the tolerance: a replay, a late delivery, or a clock that is "
                + "wrong on one side."),
        CodeEntry(
            "verify/credentials", "The credentials are not valid",
            "The token, or the user name and password, are missing or wrong."),
        CodeEntry(
            "verify/secret-missing", "A secret cannot be read",
            "No value of the source's secrets can be read, or they are empty. Without a secret nothing is accepted. Set the "
                + "environment variable, file or credential that `secrets:` names."),
        CodeEntry(
            "verify/secret-malformed", "A secret has the wrong form",
            "The secret cannot be decoded as the source says (hexadecimal, base 64, `whsec_…`, or 32 bytes for Ed25519)."
        ),
        CodeEntry(
            "json/invalid", "The body is not JSON",
            "The content type says JSON (RFC 8259) but the body is not; the answer names the byte."),
        CodeEntry(
            "json/duplicate-key", "A key stands twice",
            "One object holds the same key twice, which readers resolve differently. `duplicate_keys: last` on the source "
                + "takes the last value everywhere."),
        CodeEntry(
            "json/too-deep", "The JSON is nested too deeply",
            "Arrays and objects are nested deeper than the limit, 64 by default."),
        CodeEntry(
            "event/unreadable", "A line is no saved event",
            "A file of saved events holds one `hookswitch/event@1` a line, as `events save` writes it; the answer says what "
                + "is missing. Nothing but a dry run reads such files."),
        CodeEntry(
            "event/type", "The event type is not usable",
            "The value at `event.type` is empty, longer than 200 bytes, or holds other characters than printable ASCII."
        ),
        CodeEntry(
            "event/version", "The event version is not a number",
            "The value at `event.version` must be digits, at most nine."),
        CodeEntry(
            "event/id", "The event id is not usable",
            "The value at `event.id` is longer than 256 bytes, is not UTF-8, or holds control characters."),
        CodeEntry(
            "event/subject", "The event subject is not usable",
            "The value at `event.subject` is longer than 1,024 bytes, is not UTF-8, or holds control characters."),
    ]
}
