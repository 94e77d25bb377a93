// SPDX-License-Identifier: Apache-2.0

extension CodeRegistry {
    /// Steps and formats of bodies, on the way in and on the way out.
    static let formats: [CodeEntry] = Self.steps + Self.output + Self.bodies

    private static let steps: [CodeEntry] = [
        CodeEntry(
            "step/path", "A step names no path of the body",
            """
            `pick`, `omit`, `rename` and `set` change the body of a delivery. Their paths begin with `data.` and lead to a \
            key below it; through a list they reach every element. `rename` gives a key another name in its place.
            """,
            wrong: """
                sources: {shop: {path: /in/shop, verify: none}}
                destinations: {erp: {url: "https://erp.example/in"}}
                routes: {orders: {pick: [id], to: erp}}
                """,
            right: """
                sources: {shop: {path: /in/shop, verify: none}}
                destinations: {erp: {url: "https://erp.example/in"}}
                routes: {orders: {pick: [data.id], to: erp}}
                """),
        CodeEntry(
            "step/conflict", "Two steps contradict each other",
            """
            The same value is picked and omitted, two keys of one object would get the same name, or a value is set and \
            another one inside of it. Which of them holds would depend on an order that nobody can see.
            """,
            wrong: """
                sources: {shop: {path: /in/shop, verify: none}}
                destinations: {erp: {url: "https://erp.example/in"}}
                routes: {orders: {rename: {data.a: id, data.b: id}, to: erp}}
                """,
            right: """
                sources: {shop: {path: /in/shop, verify: none}}
                destinations: {erp: {url: "https://erp.example/in"}}
                routes: {orders: {rename: {data.a: id, data.b: other_id}, to: erp}}
                """),
        CodeEntry(
            "step/no-effect", "A step does nothing",
            """
            What it names is not there any more when its turn comes, or is there anyway. Steps run in this order: pick, \
            omit, rename, set; the paths of `set` are those after renaming.
            """,
            wrong: """
                sources: {shop: {path: /in/shop, verify: none}}
                destinations: {erp: {url: "https://erp.example/in"}}
                routes: {orders: {pick: [data.id], omit: [data.secret], to: erp}}
                """,
            right: """
                sources: {shop: {path: /in/shop, verify: none}}
                destinations: {erp: {url: "https://erp.example/in"}}
                routes: {orders: {pick: [data.id, data.card], omit: [data.card.number], to: erp}}
                """),
    ]

    /// Runtime: the event is held for the target, or dropped under `on_error: drop`.
    private static let output: [CodeEntry] = [
        CodeEntry(
            "output/not-json", "Steps or a format need data, and the body has none",
            """
            `pick`, `omit`, `rename`, `set` and most formats work on JSON. The event's body is of a kind without data \
            (an image, say), or a script returned a text with a media type of its own. Match on the content type before, \
            or let the script return a table.
            """),
        CodeEntry(
            "output/not-object", "A value that is no object was to get a key",
            """
            `set` makes objects on the way where there is nothing or null, but what is there stays: a text, number or \
            list element is not replaced by an object. Set the value as a whole, or match on its type before.
            """),
        CodeEntry(
            "output/missing-value", "A text of set has a hole without a value",
            """
            In `set: {data.title: "order {data.id}"}` the event must have a text, number or truth value at every path. \
            A path alone (`"{data.id}"`) may be missing: then nothing is set. Require the field in the route's `match`.
            """),
        CodeEntry(
            "output/too-large", "The steps make the body too large",
            """
            A value of the event that is copied into every element of a list multiplies it. The body may be 1 MiB, or 64 \
            KiB more than the event's.
            """),
        CodeEntry(
            "output/form", "The body has no form-encoded text",
            """
            `format: form` writes an object whose values are texts, numbers, truth values, null, or lists of these. \
            Objects inside have no agreed spelling in forms: pick, rename or set what the destination wants.
            """),
        CodeEntry(
            "output/xml", "The body has no XML form",
            """
            `format: xml` wants an object with one key, the root element; keys are names of elements, with `@` of \
            attributes, `#text` is text. The detail says which key or character XML does not know.
            """),
        CodeEntry(
            "output/text", "The body is no text",
            "`format: text` writes a string, number or truth value; set or return one."),
    ]

    /// Stage 2: the sender hears it.
    private static let bodies: [CodeEntry] = [
        CodeEntry(
            "http/media-type", "The source does not take bodies of this kind",
            """
            The source names in `accept` what it takes, and the content type of the request is another one. The answer's \
            `Accept` lists what would be taken.
            """),
        CodeEntry(
            "coding/invalid", "The compressed body cannot be decoded",
            "The body is not of the content coding that `Content-Encoding` names, or it ends too early."),
        CodeEntry(
            "coding/too-large", "The body is too large once it is decoded",
            """
            Decoding stops where the body gets larger than `limits.decoded` of the source (by default `limits.body`), \
            whatever would still come.
            """),
        CodeEntry(
            "coding/ratio", "The body grows too much when it is decoded",
            """
            Beyond 64 KiB a body may be `limits.ratio` (100) times as large as its compressed form; a few kilobytes that \
            stand for gigabytes are an attack. Raise the limit where a sender really sends such bodies.
            """),
        CodeEntry(
            "form/invalid", "The form cannot be read",
            "A name or value is not UTF-8 once its escapes are resolved, or the form has more than 10,000 fields."),
        CodeEntry(
            "form/multipart", "The multipart form cannot be read",
            """
            The body does not keep to RFC 7578: boundary, headers of the parts, or the end. What two readers might cut at \
            different places is refused; so are transfer encodings inside, which the RFC does not allow.
            """),
        CodeEntry(
            "form/too-many-parts", "The multipart form has too many parts", "A form may have 256 parts."),
        CodeEntry(
            "xml/invalid", "The body is not XML",
            "The content type says XML and the text is not well-formed; the answer names the line."),
        CodeEntry(
            "xml/doctype", "The document has a document type declaration",
            """
            `<!DOCTYPE …>` is refused wherever it stands and whatever it holds: it can declare entities that grow without \
            end and name files and hosts. No sender of events needs one.
            """),
        CodeEntry(
            "xml/encoding", "The encoding of the document is not read",
            "UTF-8, US-ASCII, UTF-16 with a byte order mark and ISO-8859-1 are read."),
        CodeEntry(
            "xml/too-large", "The document is larger than its limits",
            """
            100,000 elements, 64 levels, 256 attributes of one element, 64 KiB for one attribute, 512 bytes for a name. The \
            answer says which one.
            """),
        CodeEntry(
            "cloudevents/invalid", "The CloudEvent is not valid",
            """
            Attributes of CloudEvents 1.0 are missing or malformed: `specversion` (1.0), `id`, `source` and `type` must be \
            there and not empty; names have lower-case letters and digits; `data` and `data_base64` exclude each other.
            """),
        CodeEntry(
            "cloudevents/missing", "The request is no CloudEvent",
            """
            The source says `event: cloudevents`. Send `ce-` headers (binary mode), or content type \
            `application/cloudevents+json` (structured mode).
            """),
    ]
}
